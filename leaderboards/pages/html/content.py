"""All that the page shows, as plain values: its scripts compute nothing but positions."""

from collections.abc import Mapping
from typing import Any

from benchmarks.protocol.measures import Measure
from leaderboards.boards.overall import OverallBoard
from leaderboards.pages.columns import board_sentence, rules_of
from leaderboards.pages.formats import Boards
from leaderboards.pages.html.interned import Texts
from leaderboards.pages.html.rows import ends_of, measures_of, rounded, row_values
from leaderboards.pages.html.told import without_paths
from leaderboards.pages.overall_table import overall_sentences
from leaderboards.pages.words import sentences_of, sentences_over


def content_of(boards: Boards, facts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the content of the page.

    Parameters
    ----------
    boards : Boards
        All ranked by the same measure.
    facts : mapping of str to mapping
        Of each dataset (``dataset_facts``).
    """
    ranked_by = boards.boards[0].measure
    measures = measures_of(boards.boards)
    texts = Texts()
    shown = [(board, [row_values(row, measures, ranked_by, texts) for row in board.rows]) for board in boards.boards]
    return {
        "ranked_by": ranked_by,
        "measures": [_measure(measure) for measure in measures],
        "datasets": [
            {
                "name": board.dataset,
                "sentence": board_sentence(board),
                "warning": board.warning,
                "split": board.split,
                "protocol": board.protocol,
                "data": board.data_sha256[:12],
                "test_events": board.events,
                "words": [without_paths(sentence) for sentence in sentences_of(board)],
                "facts": dict(facts.get(board.dataset, {})),
                "rows": rows,
            }
            for board, rows in shown
        ],
        "texts": texts.all,
        "words": sentences_over(boards.boards),
        "overall": None if boards.overall is None else _overall(boards.overall),
        "rules": list(rules_of(boards.boards)),
    }


def _measure(measure: Measure) -> dict[str, Any]:
    return {
        "name": measure.name,
        "column": measure.column,
        "title": measure.title,
        "better": measure.better,
        "share": measure.is_p_value,
        "in_tables": measure.in_tables,
        "tested": measure.pooled_by is not None,
    }


def _overall(board: OverallBoard) -> dict[str, Any]:
    return {
        "datasets": list(board.datasets),
        "sentences": [without_paths(sentence) for sentence in overall_sentences(board)],
        "critical_difference": None if board.critical_difference is None else rounded(board.critical_difference),
        "rows": [
            {
                "name": without_paths(row.name),
                "mean": rounded(row.mean_rank),
                "gain": None if row.gain is None else ends_of(row.gain),
                "ranks": list(row.ranks),
                "failed": [board.datasets.index(name) for name in row.failed],
                "letters": row.letters,
            }
            for row in board.rows
        ],
    }
