"""Fifteen findings of a pathology report, each 1 (stated present), -1 (stated absent) or 0 (not mentioned)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .judges import beside_nodes, category, focality, margin, named, organ


@dataclass(frozen=True, slots=True)
class Finding:
    """How a finding is named and judged.

    Parameters
    ----------
    stems : tuple of str
        A text without any of them does not name it: a quick look before the pattern.
    pattern : pattern
        Names it.
    judge : callable
        From text, start and end of a mention to 1, -1 or 0.
    unless : pattern, optional
        Around the mention: something else is meant.
    """

    stems: tuple[str, ...]
    pattern: re.Pattern[str]
    judge: Callable[[str, int, int], int]
    unless: re.Pattern[str] | None = None


_INVASION = r"(?:invasion|involvement|permeation|infiltration|infiltrates|space invasion|emboli|spread|tumou?r emboli)"
_LYMPHOVASCULAR = (
    r"(?:lympho?[ -]?/?(?:and |or )?(?:vascular|vasuclar)|lymph[ -]vascular|angio[ -]?lymphatic|"
    r"vascular[ /-]{0,3}(?:and |or )?lymphatic|lymphatic[ /,-]{1,3}(?:and |or |and/or )?(?:blood )?vascular|"
    r"lymphatic(?: \(small vessel\))?(?: and| or| vessel| channel)?|small[ -]vessel|micro-?vessel|micro-?vascular|"
    r"vascular space|capillary[ -]lymphatic|vascular|angio|blood vessel|"
    r"intravascular)(?:[ -]?space)?(?:[ /-](?:channel|tumou?r))?"
)

FINDINGS: dict[str, tuple[Finding, ...]] = {
    "lymphovascular": (
        Finding(
            ("vascular", "lymphatic", "small vessel", "small-vessel", "angioinva", "vessel inva"),
            re.compile(
                rf"\b{_LYMPHOVASCULAR}[ .-]{{0,2}}(?:\([a-z ]{{0,25}}\) ?)?(?:or perineural |and perineural |"
                rf"/ ?perineural |/?large vessel )?{_INVASION}\b|\b(?:lympho-?vascular|angiolymphatic|"
                rf"lymph[ -]vascular)\b(?= ?:)"
            ),
            named,
        ),
        Finding(("lvi", "lvsi"), re.compile(r"\b(?:lvi|lvsi)\b"), named),
        Finding(
            (" l0", " l1", " lo", ",l0", ",l1"), re.compile(r"(?<=[ ,;(])l[01o](?=[ ,;(]{1,2}v[012o]\b)"), category
        ),
    ),
    "large_vein": (
        Finding(
            ("venous", "large vessel", "vein", "vena cava", "caval", "thromb"),
            re.compile(
                rf"\b(?:venous(?:/ ?arterial)?|large[ -]vessel|(?:renal|portal|hepatic|pulmonary|large|"
                rf"major) veins?|vena cava|caval|vein)[ -]{{0,2}}(?:\([a-z ]{{0,25}}\) ?)?{_INVASION}\b|"
                r"\bvenous/ ?arter\w*(?: \(large vessel\))?|\btumou?r thromb\w+|\b(?:vein|venous|"
                r"caval) (?:tumou?r )?thromb\w+"
            ),
            named,
        ),
        Finding(
            ("renal vein", "vena cava", "portal vein", "hepatic vein"),
            re.compile(
                r"\b(?:renal vein|vena cava|portal vein|hepatic vein)\b(?! (?:inva|invo|thromb|tumou?r thromb))"
            ),
            organ,
        ),
        Finding(
            (" v0", " v1", " v2", " vo", ",v0", ",v1"),
            re.compile(r"\b(?:l[01o]|m[x01o]|g[1-4])[ ,;]{1,2}v[012o](?=[ ,;().]|$)"),
            category,
        ),
    ),
    "perineural": (
        Finding(
            ("neural", "nerve"),
            re.compile(
                r"\bperi[ -]?neural(?: or lymphovascular| or vascular| space)?(?: tumou?r)?(?: invasion|"
                r" involvement| infiltration| spread)?|\bneural invasion|\bnerve (?:invasion|sheath invasion|"
                r"involvement)"
            ),
            named,
        ),
    ),
    "extranodal": (
        Finding(
            ("extranodal", "extra-nodal", "extra nodal", "perinodal"),
            re.compile(
                r"\bextra[ -]?nodal(?: tumou?r)?(?: extension| spread| soft tissue| involvement| invasion| growth)*|"
                r"\bperinodal (?:extension|spread|invasion|involvement)"
            ),
            beside_nodes,
        ),
        Finding(
            ("capsular", "capsule"),
            re.compile(
                r"\b(?:extra|trans)[ -]?capsular (?:extension|spread|invasion|involvement|growth)|"
                r"\bextracapsular tumou?r|\bextension (?:beyond|through) the (?:lymph node |nodal )?capsule"
            ),
            beside_nodes,
        ),
    ),
    "necrosis": (
        Finding(
            ("necro",),
            re.compile(r"\bnecro(?:sis|tic)\b"),
            named,
            re.compile(
                r"fat necro|necrotizing|necrosis factor|necrotic debris of|papillary necrosis|avascular necro|"
                r"radiation necrosis vs|piecemeal necro|comedo[ -]?necro"
            ),
        ),
    ),
    "pleura": (
        Finding(
            ("pleura",),
            re.compile(r"\b(?:visceral |parietal )?pleura(?:l surface)?\b"),
            organ,
            re.compile(r"pleural (?:fluid|effusion|plaque|fibrosis|adhesion|based|thickening)"),
        ),
        Finding(
            ("pleura",),
            re.compile(r"\bextension(?: of tumou?r)?: (?:into )?(?:the )?(?:visceral |parietal )?pleura\b"),
            named,
        ),
        Finding(
            ("pleura",),
            re.compile(r"\b(?:visceral )?pleural (?:surface )?(?:invasion|involvement|extension|penetration)"),
            named,
        ),
    ),
    "perirenal": (
        Finding(
            (
                "renal sinus",
                "sinus fat",
                "perirenal",
                "peri-renal",
                "perinephric",
                "peri-nephric",
                "gerota",
                "capsular fat",
            ),
            re.compile(
                r"\b(?:peri[ -]?renal|peri[ -]?nephric)(?:/sinus)?(?: adipose| soft| fat| fatty| adipose| tissues?|"
                r" invasion| involvement| extension)*|\brenal sinus(?: adipose| soft| fat| tissues?| vessels?)*|"
                r"\bsinus fat|\bgerota'?s? fascia"
            ),
            organ,
        ),
    ),
    "adrenal": (
        Finding(
            ("adrenal",),
            re.compile(r"\badrenal(?: gland| glands| tissue| parenchyma)?\b"),
            organ,
            re.compile(
                r"adrenal vein|periadrenal|para-?adrenal|pheochrom|(?:absence of|no|without) (?:left |"
                r"right )?adrenal|adrenal(?: gland)?(?:s|:| is)? (?:absent|not (?:present|identified|resected|"
                r"received|submitted|included|sampled)|none)"
            ),
        ),
    ),
    "multifocal": (
        Finding(
            ("focal", "centric", "solitary", "single"),
            re.compile(
                r"\bmulti[ -]?(?:focal|centric)(?:ity|icity)?\b|\bunifocal\b|\bsolitary (?:tumou?r|mass|lesion|"
                r"nodule)|\bsingle (?:tumou?r|mass|lesion|focus)\b"
            ),
            focality,
        ),
        Finding(
            ("multiple tum", "multiple foci"),
            re.compile(
                r"\bmultiple (?:tumou?rs|tumou?r (?:nodules|foci|masses)|foci of (?:invasive )?(?:tumou?r|carcinoma))"
            ),
            named,
        ),
    ),
    "carcinoma_in_situ": (
        Finding(
            ("situ", "dcis", "lcis", " cis", "tis"),
            re.compile(r"\bin[ -]?situ\b|\bdcis\b|\blcis\b|\bcis\b|\bptis\b"),
            named,
            re.compile(
                r"situ[^a-z]{0,2}(?:hybrid|procedure|/ ?fish)|on .?in situ|thymidine|tis: ?cis|"
                r"status for ?-?carcinoma|uninvolved by (?:squamous cell )?carcinoma|"
                r"involve(?:d|ment) by (?:squamous cell )?carcinoma in"
            ),
        ),
    ),
    "sarcomatoid": (Finding(("sarcomatoid", "sarcomatous"), re.compile(r"\bsarcomato(?:id|us)\b"), named),),
    "margin": (
        Finding(("margin",), re.compile(r"\bmargins?\b"), margin),
        Finding(
            ("resection line", "resection edge", "cut edge", "resection limit"),
            re.compile(r"\bresection (?:lines?|edges?|limits?)|\bcut edges?"),
            margin,
        ),
        Finding(
            (" r0", " r1", " ro", ",r0", ",r1"),
            re.compile(
                r"\b(?:[lvmgn][x0-4o]|residual tumou?r:?|resection status:?|"
                r"pn[01])[a-c]?(?: ?\([^)]{0,15}\))?[ ,;]{1,2}r[012o](?=[ ,;().]|$)"
            ),
            category,
        ),
    ),
    "metastasis": (
        Finding(
            ("metasta",),
            re.compile(r"\bmetasta(?:sis|ses|tic|size[sd]?)\b"),
            named,
            re.compile(
                r"metastasis \(p?m\)|metastatic (?:work|survey)|distant metast\w+[ :(]{1,3}p?m?\)?:? ?(?:p?mx|"
                r"not applic|unknown|cannot)|size of (?:the )?(?:largest )?metasta|greatest metastatic|"
                r"largest metasta|metasta\w+ (?:organ|location)|invasive or metasta|extension or metasta|"
                r"number (?:of )?(?:lymph )?nodes containing metasta"
            ),
        ),
    ),
    "ulceration": (
        Finding(
            ("ulcer",),
            re.compile(r"\bulcer(?:ation|ations|ated|ating|ative|s)?\b"),
            named,
            re.compile(r"ulcerative\W{0,3}col|stomach ulcer|history of"),
        ),
    ),
    "inflammation": (
        Finding(
            ("inflam", "lymphocytic", "lymphoid infil"),
            re.compile(
                r"\binflammat(?:ion|ory)\b|\binflamed\b|\blymphocytic (?:infiltrat\w+|response|reaction)|"
                r"\blymphoid infiltrat\w+"
            ),
            named,
        ),
    ),
}
"""Every finding by name: several ways of naming it, each judged on its own."""


# A printed form names every pattern there is; which of them was ticked is lost in the text.
_FORM = re.compile(
    r"mosaic|palisad|storiform|psammoma|round ?cell|organ detailed|alveolar formation|# ?examined|"
    r"none more than 5 cm|major branch of the portal or|absent carcinoma in situ|"
    r"specify margin:? ?involved|metastasis specify"
)


def findings(text: str) -> dict[str, int]:
    """Return every finding of a repaired text: 1 if any mention says it is there, else -1 if any denies it, else 0."""
    return {name: _of(text, ways) for name, ways in FINDINGS.items()}


def _of(text: str, ways: tuple[Finding, ...]) -> int:
    denied = 0
    for way in ways:
        if not any(stem in text for stem in way.stems):
            continue
        for found in way.pattern.finditer(text):
            if _FORM.search(text, max(0, found.start() - 70), found.end() + 70):
                continue
            if way.unless is not None and way.unless.search(text, max(0, found.start() - 40), found.end() + 30):
                continue
            sign = way.judge(text, found.start(), found.end())
            if sign > 0:
                return 1
            denied = min(denied, sign)
    return denied
