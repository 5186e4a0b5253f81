// The datasets, and a page for each.

function showDatasets() {
  if (document.querySelector("#datasets table")) return;
  const count = (dataset, state) => dataset.rows.filter((row) => row.state === state).length;
  const fact = (name) => (dataset) => dataset.facts[name] ?? null;
  tables.push(
    makeTable(document.getElementById("datasets"), {
      label: "Datasets, scrolls sideways",
      data: datasets,
      order: [[0, "asc"]],
      columns: [
        { name: "name", title: "dataset", head: true, value: (one) => one.name, show: (one) => datasetLink(one.name) },
        {
          name: "title",
          title: "what",
          prose: true,
          value: fact("title"),
          show: (one) => shownText(one.facts.title || NOTHING),
        },
        {
          name: "endpoint",
          title: "endpoint",
          value: fact("endpoint"),
          show: (one) => shownText(one.facts.endpoint || NOTHING, 60),
        },
        { name: "patients", title: "patients", number: true, value: fact("patients") },
        { name: "events", title: "events in test parts", number: true, value: (one) => one.test_events },
        { name: "rows", title: "rows", number: true, value: (one) => one.rows.length },
        {
          name: "failed",
          title: "failed",
          number: true,
          value: (one) => count(one, "failed") + count(one, "incomplete"),
        },
        {
          name: "best",
          title: "best row",
          value: (one) => (one.rows[0] || {}).name ?? null,
          show: (one) => (one.rows.length ? shownText(one.rows[0].name, 60) : NOTHING),
        },
      ],
    }),
  );
}

function showDataset(name) {
  const dataset = datasets.find((one) => one.name === name);
  const heading = document.getElementById("h-dataset");
  const host = document.getElementById("dataset");
  if (!dataset) {
    heading.textContent = "No such dataset";
    host.replaceChildren(element("p", {}, "This page has no dataset of that name."));
    return;
  }
  const facts = dataset.facts;
  heading.replaceChildren(shownText(dataset.name, 80));
  const unit = facts.time_unit || "";
  const time = (value) => (isNumber(value) ? `${significant(value)} ${unit}` : "not reached");
  const pairs = [
    ["endpoint", facts.endpoint],
    ["options", facts.options],
    ["source", facts.source],
    ["licence", facts.licence],
    ["citation", facts.citation],
    [
      "patients",
      facts.patients &&
        `${facts.patients}, ${facts.events} with the event${facts.excluded ? `; ${facts.excluded} left out, without an outcome` : ""}`,
    ],
    ["median follow-up", facts.patients && time(facts.median_follow_up)],
    ["median survival", facts.patients && time(facts.median_survival)],
    ...(facts.modalities || []).map(([modality, kind, patients, extent]) => [
      modality,
      `${kind}, ${patients} patients: ${extent}`,
    ]),
  ].filter(([, value]) => value);
  const protocol = [
    ["splits", dataset.split],
    ["events in the test parts", dataset.test_events],
    ["horizon", isNumber(facts.horizon) ? `${time(facts.horizon)}, ${facts.events_to_horizon} events up to it` : null],
    ["time grid", facts.grid_points ? `${facts.grid_points} times` : null],
    ["ranked by", `${rankedBy.column}: ${rankedBy.title}`],
    ["protocol", dataset.protocol || "none"],
    ["checksum of the data", `${dataset.data}…`],
  ].filter(([, value]) => value !== null);
  const list = (some) =>
    element(
      "dl",
      {},
      ...some.flatMap(([term, value]) => [element("dt", {}, term), element("dd", {}, shownText(String(value), 400))]),
    );
  const gains = Object.entries(GAINS).map(([kind, over]) =>
    forest(dataset, kind, { shown: dataset.rows, caption: `Paired gains over ${over}` }),
  );
  host.replaceChildren(
    ...[
      facts.embargo ? element("p", { class: "warning" }, facts.embargo) : null,
      facts.title ? element("p", {}, shownText(facts.title, 300)) : null,
      dataset.warning ? element("p", { class: "warning" }, `${dataset.warning}.`) : null,
      element("h3", {}, "What this board says"),
      sentenceList(dataset.words),
      element(
        "p",
        {},
        element("button", { type: "button", click: () => openResults(dataset.name) }, "Its rows in the table"),
      ),
      element(
        "div",
        { class: "figures" },
        ...[
          facts.curve
            ? figure(`Kaplan-Meier estimate, ${facts.endpoint}`, (width) => drawCurve(dataset, width), {
                note: element(
                  "p",
                  { class: "quiet" },
                  "With pointwise 95 % interval, on equally spaced times, up to where ten are at risk.",
                ),
              })
            : null,
          ...gains,
        ].filter(Boolean),
      ),
      facts.missing ? element("p", { class: "quiet" }, `No Kaplan-Meier curve: ${facts.missing}.`) : null,
      element("h3", {}, "Description"),
      list(pairs),
      ...((facts.traps || []).length ? [element("h3", {}, "Mind"), sentenceList(facts.traps)] : []),
      ...((facts.covariates || []).length
        ? [
            element(
              "details",
              {},
              element("summary", {}, `Covariates (${facts.covariates.length})`),
              element(
                "dl",
                {},
                ...facts.covariates.flatMap(([term, meaning, of]) => [
                  element("dt", {}, term),
                  element("dd", {}, [meaning, of].filter(Boolean).join("; ")),
                ]),
              ),
            ),
          ]
        : []),
      element("h3", {}, "Protocol"),
      list(protocol),
    ].filter(Boolean),
  );
}

function openResults(name) {
  choice.dataset = name;
  document.getElementById("filter-dataset").value = name;
  filterResults();
  location.hash = "#table";
}

function drawCurve(dataset, width) {
  const { curve, time_unit: unit, horizon } = dataset.facts;
  const points = curve.times.map((time, number) => ({
    time,
    survival: curve.survival[number],
    low: curve.low[number],
    high: curve.high[number],
  }));
  const last = points[points.length - 1];
  const told = curve.at_risk
    .filter((_, number) => width > 420 || number % 2 === 0)
    .map(([time, count]) => ({ time, count }));
  return plotted(
    `Kaplan-Meier curve of ${dataset.name}: ${fixed(last.survival, 2)} are free of the event after ${significant(last.time)} ${unit}.`,
    {
      width,
      height: Math.min(360, Math.max(260, width * 0.6)),
      marginLeft: 48,
      marginBottom: 92,
      marginRight: 24,
      x: {
        label: unit,
        domain: [0, last.time],
        ticks: Math.max(3, Math.floor(width / 110)),
        labelAnchor: "center",
        labelOffset: 36,
        labelArrow: "none",
      },
      y: { label: "free of the event", domain: [0, 1], grid: false, labelArrow: "none" },
      marks: [
        Plot.gridY({ stroke: "var(--line)", strokeOpacity: 1 }),
        Plot.areaY(points, {
          x: "time",
          y1: "low",
          y2: "high",
          curve: "step-after",
          fill: "var(--accent)",
          fillOpacity: 0.18,
        }),
        Plot.line(points, { x: "time", y: "survival", curve: "step-after", stroke: "var(--accent)", strokeWidth: 2 }),
        isNumber(horizon) && horizon <= last.time
          ? Plot.ruleX([horizon], { stroke: "var(--edge)", strokeDasharray: "4 3" })
          : null,
        isNumber(horizon) && horizon <= last.time
          ? Plot.text([horizon], {
              x: (value) => value,
              frameAnchor: "top",
              text: () => "horizon",
              textAnchor: "end",
              dx: -4,
              dy: 4,
            })
          : null,
        Plot.text(told, {
          x: "time",
          text: (one) => String(one.count),
          frameAnchor: "bottom",
          dy: 82,
          textAnchor: "middle",
        }),
        Plot.text(["at risk"], {
          frameAnchor: "bottom-left",
          dy: 64,
          dx: -40,
          textAnchor: "start",
          fill: "var(--quiet)",
        }),
        Plot.tip(
          points,
          Plot.pointerX({
            x: "time",
            y: "survival",
            title: (point) =>
              `${significant(point.time)} ${unit}\n${fixed(point.survival, 2)} [${fixed(point.low, 2)}, ${fixed(point.high, 2)}]`,
          }),
        ),
      ],
    },
  );
}
