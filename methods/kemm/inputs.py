"""What the networks read of a cohort: bags, tokens of genes, texts as vectors, the other modalities; their training."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, FloatArray, Matrix, Patients
from methods.kemm.background import Background, background
from methods.kemm.config import Config
from methods.kemm.faithful import AuthorsTraining
from methods.kemm.line_vectors import LineVectors
from methods.kemm.queries import GENOMIC, IMAGE, TextSources, query_names
from methods.kemm.refiners import ReportLines, ReportReader
from methods.kemm.streams import TO_GENES, TO_INSTANCES
from methods.shared.features.gene_tokens import GeneTokens
from methods.shared.heads.survival_head import SurvivalHead
from methods.shared.layers.packed_bags import PackedBags
from methods.shared.training.bag_network import BagInputs, BagNetwork, Widths
from methods.shared.training.headed_ensemble import Arguments
from methods.shared.training.token_attention_record import token_attention_record

# Makes an untrained module for widths, texts, a number of outputs, and what it should say at first.
MakeModule = Callable[[Widths, TextSources, int, FloatArray | None], nn.Module]

# Which knowledge the setting ``pbk`` reads.
KINDS = {"off": (), "pathology": (IMAGE,), "genomic": (GENOMIC,), "both": (IMAGE, GENOMIC)}

# Names of the states, before the name of a query or a group of genes.
GENES_OF, LOOKED_AT = "genes ", "looked at "


class KnowledgeNetwork(BagNetwork):
    """``BagNetwork`` that reads texts and tokens of genes as well; none of bag, genes and reports need be there.

    Parameters
    ----------
    config : Config
        All settings.
    head : SurvivalHead
        Labels, loss and curves.
    make : callable
        Makes an untrained module.
    """

    training_only: ClassVar = ("_make_kemm",)

    def __init__(self, config: Config, head: SurvivalHead, make: MakeModule) -> None:
        super().__init__(config, head, self._made, select_by=config.select_by)
        self.kemm = config
        self._make_kemm = make
        self.disease = ""

    def meet(self, train_part: Cohort) -> None:
        """Take from the training part what must be known before the fit: whose knowledge, and how many steps."""
        self.disease = train_part.disease
        if self.kemm.faithful:
            self._settings = AuthorsTraining(self.kemm, len(train_part))

    def learn(self, patients: Patients, context: Context) -> None:
        """Learn tokens, vectors of sentences and other vectors from the training patients.

        Raises
        ------
        UsageError
            If what the settings ask for is not there; it says what to do.
        """
        config = self.kemm
        self._genes: GeneTokens | None = None
        if any(isinstance(modality, Matrix) for modality in patients.modalities.values()):
            seed = context.derived_seed("gene tokens")
            self._genes = GeneTokens(config.gene_sets, config.components, config.component_groups, seed)
            self._genes.fit(patients, context)
        self._reader: ReportReader | None = None
        if config.report != "off":
            self._reader = ReportReader(config, context)
            self._reader.check(patients)
        self._check(patients)
        self._learn_texts(patients, context)
        super().learn(self._beside(patients), context)
        if self._genes is not None:
            self._widths = replace(self._widths, tokens=self._genes.sizes)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the modalities, in the order of the presence."""
        genes = () if self._genes is None else self._genes.modalities
        report = () if self._reader is None else (self._reader.modality,)
        return (*self._bag, *genes, *report, *self._others)

    @property
    def gene_names(self) -> tuple[str, ...]:
        """Names of the tokens of genes."""
        return () if self._genes is None else self._genes.names

    def queries(self, kind: str) -> tuple[str, ...]:
        """Return the names of what asks the modality of a kind."""
        if self.kemm.attention == "coattn":
            return self.gene_names
        count = self._texts.asking(kind)
        if self.kemm.kecm == "off" or not count:
            return tuple(f"learned {place + 1}" for place in range(count or self.kemm.learned_queries))
        six = None if self._reader is None else self._reader.names
        of_lines = [f"report: {name}" for name in six or range(1, self._texts.lines + 1)]
        known = self.knowledge[kind].names if kind in self.knowledge else ()
        return query_names(self._texts, kind, of_lines, known)

    def report_counts(self, patients: Patients) -> dict[str, float]:
        """Return how many of n patients have a report, how many lines they have, and what was taken out of them."""
        if self._reader is None:
            return {}
        found = self._reader.read(patients)
        there = found.present
        lines = np.array([len(of_patient) for of_patient in found.lines], dtype=np.float64)
        return {
            "reports": float(there.sum()),
            "report_tokens": float(lines[there].mean()) if there.any() else 0.0,
            "reports_cut": float(found.cut.sum()),
            "outcome_sentences_removed": float(found.outcome_sentences.sum()),
        }

    def inputs(self, patients: Patients, device: torch.device | str) -> BagInputs:
        """Return bags, vectors and presence of n patients; see ``KemmNetwork.forward`` for their order."""
        bags = patients.bags(self.config.bag) if self._bag else None
        vectors: list[Tensor] = []
        present: list[Tensor] = [] if bags is None else [torch.tensor(bags.present[:, None])]
        if self._genes is not None:
            of_genes, there = self._genes.transform(patients).tensors(device)
            vectors += of_genes
            present.append(there)
        if self._reader is not None:
            lines, told = self._line_tensors(self._reader.read(patients))
            vectors += [lines.to(device), told.to(device)]
            present.append(told.any(dim=1, keepdim=True))
        if self._others:
            of_others, there = self._blocks.transform(patients).tensors(device)
            vectors += of_others
            present.append(there)
        joined = torch.cat([part.to(device) for part in present], dim=1)
        return BagInputs(bags, tuple(vectors), joined, self.config.cap, self.config.modality_dropout)

    def kept(self, states: dict[str, FloatArray], arguments: Arguments) -> dict[str, FloatArray]:
        """Return what is kept of a piece of patients: where each query looks, in a few numbers."""
        states = dict(states)
        bags: PackedBags | None = arguments[0]
        to_instances, to_genes = states.pop(TO_INSTANCES, None), states.pop(TO_GENES, None)
        if to_instances is not None and bags is not None:
            owner = bags.owner.cpu().numpy()
            states |= token_attention_record(to_instances, owner, bags.patients, self.queries(IMAGE))
        if to_genes is not None:
            by_query = to_genes.reshape(len(to_genes), -1, len(self.gene_names))
            asking = by_query.any(axis=2).sum(axis=1).clip(min=1)
            states |= {GENES_OF + name: by_query[:, k] for k, name in enumerate(self.queries(GENOMIC))}
            looked_at = by_query.sum(axis=1) / asking[:, None]
            states |= {LOOKED_AT + name: looked_at[:, [k]] for k, name in enumerate(self.gene_names)}
        return states

    def _made(self, widths: Widths, outputs: int, start: FloatArray | None) -> nn.Module:
        return self._make_kemm(widths, self._texts, outputs, start)

    def parameter_count(self, make: MakeModule, outputs: int) -> int:
        """Return how many numbers are trained of a module that is made for the inputs that were learnt."""
        with torch.random.fork_rng(devices=[]):
            module = make(self._widths, self._texts, outputs, None)
        return sum(parameter.numel() for parameter in module.parameters())

    def _check(self, patients: Patients) -> None:
        config, bag = self.kemm, self.kemm.bag in patients.modalities
        if not (bag or self._genes or self._reader):
            raise UsageError(
                f"there is neither a bag ({config.bag!r}) nor genes nor a report: add one of them to --modalities"
            )
        lacking = [
            what
            for what, kind, there in (("bag", IMAGE, bag), ("genes", GENOMIC, self._genes is not None))
            if kind in KINDS[config.pbk] and not there
        ]
        if lacking and (config.pbk != "both" or len(lacking) == 2):
            raise UsageError(
                f"pbk={config.pbk}: there is no {' and no '.join(lacking)} for knowledge to look at: pbk=off"
            )
        if config.attention == "coattn" and not (bag and self._genes):
            raise UsageError("attention=coattn: groups of genes look at a bag, and one of the two is not there")

    def _learn_texts(self, patients: Patients, context: Context) -> None:
        config = self.kemm
        there = {IMAGE: config.bag in patients.modalities, GENOMIC: self._genes is not None}
        self.knowledge: dict[str, Background] = {
            kind: background(kind, self.disease, config, context) for kind in KINDS[config.pbk] if there[kind]
        }
        """The knowledge that is read, by the kind of features."""
        known = [found.sentences for found in self.knowledge.values()]
        lines: Sequence[Sequence[str]] = [] if self._reader is None else self._reader.read(patients).lines
        if not known and not any(lines):
            if self._reader is not None:
                raise UsageError("no training patient has a report: take report=off")
            self._texts = TextSources(0, 0, {})
            return
        # Where learned queries ask, knowledge leaves no trace: it is counted, not read.
        read = [*lines, *known] if config.kecm == "on" or not any(lines) else lines
        self._line_vectors = LineVectors(config).fit(read, context)
        vectors = self._line_vectors.transform(known)
        longest = max((len(of_patient) for of_patient in lines), default=0)
        self._texts = TextSources(self._line_vectors.width, longest, dict(zip(self.knowledge, vectors, strict=True)))
        removed = 0 if self._reader is None else int(self._reader.read(patients).outcome_sentences.sum())
        context.logger.info(
            "texts: at most %d lines of a report by %s, %d sentences of knowledge by %s, in %d numbers by %s; the "
            "dataset took %d outcome sentences out of the training patients' texts",
            longest,
            config.refiner if config.report == "refined" else config.report,
            sum(len(one) for one in known),
            config.pbk_source,
            self._line_vectors.width,
            config.text_encoder,
            removed,
        )

    def _line_tensors(self, read: ReportLines) -> tuple[Tensor, Tensor]:
        """Return vectors of the lines of n patients, (n, L, d), and which of them there are, (n, L)."""
        most = self._texts.lines
        lines = torch.zeros(len(read.lines), most, self._texts.width)
        told = torch.zeros(len(read.lines), most, dtype=torch.bool)
        for row, vectors in enumerate(self._line_vectors.transform(read.lines)):
            # Training patients' reports set how many there are at most.
            some = vectors[:most]
            lines[row, : len(some)] = torch.from_numpy(some)
            told[row, : len(some)] = True
        return lines, told

    def _beside(self, patients: Patients) -> Patients:
        """Return the patients with what is neither genes nor text: it stands beside, the bag apart."""
        read = {self.kemm.text, self.kemm.summary, *(() if self._genes is None else self._genes.modalities)}
        return patients.only(*(name for name in patients.modalities if name not in read))
