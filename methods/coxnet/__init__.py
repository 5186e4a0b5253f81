"""Cox regression with an elastic-net penalty."""

from methods.coxnet.method import Config, Coxnet

__all__ = ["Config", "Coxnet"]
