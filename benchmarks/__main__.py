"""``python -m benchmarks``."""

if __name__ == "__main__":
    from benchmarks.commandline.app import main

    main()
