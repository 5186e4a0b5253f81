// Views by the address after #, filters, colours.

const VIEWS = {
  table: () => {},
  gains: showGains,
  ranks: showRanks,
  cost: showCost,
  calibration: showCalibration,
  failures: showFailures,
  datasets: showDatasets,
  dataset: showDataset,
  reading: showReading,
};

let view = "";

function showView(moveFocus = false) {
  const [asked, ...rest] = location.hash.slice(1).split("/");
  if (asked === "content" && view) return; // the link that skips to the content
  view = asked in VIEWS ? asked : "table";
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== `view-${view}`;
  for (const link of document.querySelectorAll("#views a")) {
    const here = link.hash === `#${view}` || (view === "dataset" && link.hash === "#datasets");
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  let any = false;
  for (const control of document.querySelectorAll("#filters [data-for]")) {
    control.hidden = !control.dataset.for.split(" ").includes(view);
    any ||= !control.hidden;
  }
  document.getElementById("filters").hidden = !any;
  VIEWS[view](decoded(rest.join("/")));
  if (moveFocus) {
    document.getElementById("content").focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Do what the filters say, in the view that is shown and, when it is next shown, in the others. */
function applyFilters() {
  filterResults();
  if (view !== "table") VIEWS[view]();
}

function options(select, pairs) {
  select.replaceChildren(...pairs.map(([value, text]) => element("option", { value }, shortText(text, 60))));
}

function makeFilters() {
  const of = (name) => document.getElementById(`filter-${name}`);
  const sorted = (values) => [...new Set(values)].sort();
  options(of("dataset"), [["", "all"], ...datasets.map((one) => [one.name, one.name])]);
  options(of("modality"), [
    ["", "anything"],
    ...sorted(rows.flatMap((row) => row.reads || ["outcome"])).map((one) => [one, one]),
  ]);
  options(of("family"), [["", "all"], ...sorted(rows.map((row) => row.family)).map((one) => [one, one])]);
  options(
    of("measure"),
    measures.map((one) => [one.name, one.column]),
  );
  of("measure").value = choice.measure;
  for (const name of ["dataset", "modality", "family", "gain", "cost"]) {
    of(name).addEventListener("change", (event) => {
      choice[name] = event.target.value;
      applyFilters();
    });
  }
  of("measure").addEventListener("change", (event) => {
    const previous = choice.measure;
    choice.measure = event.target.value;
    showMeasure(previous);
    sayResults();
    if (view !== "table") VIEWS[view]();
  });
  let waiting = 0;
  of("name").addEventListener("input", (event) => {
    choice.name = event.target.value;
    clearTimeout(waiting);
    waiting = setTimeout(applyFilters, 120);
  });
  const form = document.getElementById("filters");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    const previous = choice.measure;
    Object.assign(choice, { dataset: "", measure: content.ranked_by, modality: "", family: "", name: "" });
    for (const name of ["dataset", "modality", "family", "name"]) of(name).value = "";
    of("measure").value = choice.measure;
    showMeasure(previous);
    applyFilters();
  });
}

function makeThemes() {
  const select = document.getElementById("theme");
  const apply = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  };
  select.addEventListener("change", () => apply(select.value));
}

function showReading() {
  if (document.querySelector("#rules li")) return;
  document.getElementById("rules").replaceChildren(...content.rules.map((rule) => element("li", {}, rule)));
  document
    .getElementById("measures")
    .replaceChildren(
      ...measures.flatMap((measure) => [
        element("dt", {}, measure.column + ARROW[measure.better]),
        element("dd", {}, measure.title),
      ]),
    );
}

document.getElementById("summary").textContent =
  `${d3.union(rows.map((row) => row.name)).size} methods and forms of methods on ${datasets.length} dataset${datasets.length > 1 ? "s" : ""}, ranked by ${rankedBy.title}.`;
makeFilters();
makeThemes();
makeResults();
showView();
window.addEventListener("hashchange", () => showView(true));
