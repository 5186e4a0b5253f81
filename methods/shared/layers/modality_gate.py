"""How much each modality of a patient counts."""

from torch import Tensor, nn

from methods.shared.layers.cross_attention import masked_softmax


class ModalityGate(nn.Module):
    """Weights of the modalities, computed from all of them; a missing one has weight 0.

    w = softmax(V2 ReLU(V1 [a_1; ...; a_M])) (Wahab et al. 2025, arXiv 2509.05037, section on fusion).

    Parameters
    ----------
    width : int
        d, of a modality's token.
    modalities : int
        M.
    """

    def __init__(self, width: int, modalities: int) -> None:
        super().__init__()
        self.scores = nn.Sequential(nn.Linear(width * modalities, width), nn.ReLU(), nn.Linear(width, modalities))

    def forward(self, tokens: Tensor, present: Tensor) -> Tensor:
        """Return the weights of M tokens per patient.

        Parameters
        ----------
        tokens : Tensor, shape (n, M, d)
            What stands in the place of a missing one is not read.
        present : Tensor of bool, shape (n, M)
            Which modalities there are.

        Returns
        -------
        Tensor, shape (n, M)
            They sum to 1 for each patient with a modality.
        """
        read = tokens.masked_fill(~present[..., None], 0.0)
        return masked_softmax(self.scores(read.flatten(1)), present)
