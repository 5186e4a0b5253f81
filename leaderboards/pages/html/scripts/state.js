"use strict";
// What the page holds, what is chosen, and the rows that the choice leaves.

const content = JSON.parse(document.getElementById("page-content").textContent);
const datasets = content.datasets;
const measures = content.measures;
const rows = datasets.flatMap((dataset) => dataset.rows.map((row) => Object.assign(row, { dataset: dataset.name })));
// Texts that many rows share stand once; a row has their numbers.
for (const row of rows) {
  row.settings = content.texts[row.settings];
  row.flags = (row.flags || []).map((number) => content.texts[number]);
  for (const gain of Object.values(row.gains || {})) gain.over = content.texts[gain.over];
}
const measureNumber = new Map(measures.map((measure, number) => [measure.name, number]));
const rankedBy = measures[measureNumber.get(content.ranked_by)];
const narrow = window.matchMedia("(max-width: 600px)");

const GAINS = { cox: "clinical Cox", own: "its own form with one modality", plain: "fusion_average" };
const COSTS = {
  fit: "seconds of a fit",
  latency: "milliseconds a patient",
  memory: "most memory, MiB",
  parameters: "millions of parameters",
};

const choice = {
  dataset: "",
  measure: content.ranked_by,
  modality: "",
  family: "",
  name: "",
  gain: "cox",
  cost: "fit",
};

const reads = (row) => (row.reads || []).join("+") || "outcome";
const scoreOf = (row, measure) => row.scores[measureNumber.get(measure)] || null;
const meanOf = (row, measure) => (scoreOf(row, measure) || [null])[0];
const chosenMeasure = () => measures[measureNumber.get(choice.measure)];

/** Return the rows that the filters leave; of one dataset only where it is named. */
function chosen(dataset = choice.dataset) {
  const part = choice.name.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (!dataset || row.dataset === dataset) &&
      (!choice.modality ||
        (row.reads || []).includes(choice.modality) ||
        (choice.modality === "outcome" && !row.reads)) &&
      (!choice.family || row.family === choice.family) &&
      (!part || row.name.toLowerCase().includes(part)),
  );
}

/** Return the datasets that are shown: the chosen one, or all. */
const shownDatasets = () => datasets.filter((dataset) => !choice.dataset || dataset.name === choice.dataset);
