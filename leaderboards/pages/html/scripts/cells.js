// What stands in cells and sentences. Texts become text nodes, never markup.

const NOTHING = "-";
// Longer texts are cut where they are shown; the rest opens.
const LONGEST = 160;

/** Make an element with attributes (a function is a listener) and children. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value !== null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Return a text with a direction of its own, whose line may break after an underscore. */
function isolated(text) {
  const parts = text.length > 400 ? [text] : text.split(/(?<=_)/);
  const breaks = parts.flatMap((part, number) => (number ? [element("wbr"), part] : [part]));
  return element("bdi", {}, ...breaks);
}

/** Return a text of others with a direction of its own; the end of a long one opens. */
function shownText(text, longest = LONGEST) {
  const letters = Array.from(text);
  if (letters.length <= longest) return isolated(text);
  const start = letters.slice(0, longest).join("");
  return element(
    "details",
    { class: "cut" },
    element("summary", {}, element("bdi", {}, start)),
    element("bdi", {}, letters.slice(longest).join("")),
  );
}

/** Return the beginning of a text. */
function cutText(text, longest) {
  const letters = Array.from(text);
  return letters.length <= longest ? text : `${letters.slice(0, longest - 1).join("")}…`;
}

/** Return the beginning of a text for a place that cannot hold elements: an axis, a choice. Its direction is its own. */
function shortText(text, longest = 40) {
  const start = cutText(text, longest);
  return /^[ -~]*…?$/.test(start) ? start : `\u2068${start}\u2069`;
}

const isNumber = (value) => typeof value === "number";
const fixed = (value, decimals = 3) =>
  isNumber(value) ? value.toFixed(decimals).replace(/^-(0\.?0*)$/, "$1") : NOTHING;
const signed = (value) => (value > 0 ? "+" : "") + fixed(value);
const significant = (value) =>
  isNumber(value) ? (value >= 1000 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString()) : NOTHING;

const WIDTH = narrow.matches ? 56 : 84;
const HEIGHT = 14;

/**
 * Return the part of an axis, [low, high], that the values need without the lowest and highest tenth of them (one at
 * least, of four and more), with as much again at either side.
 *
 * A value is [mean, low, high]. What lies outside is drawn at the edge, with an arrow: one row that is far off must not
 * press all others into a point. Zero is inside where asked.
 */
function usefulDomain(values, zero = false) {
  if (!values.length) return [0, 1];
  const lows = d3.sort(values, (value) => value[1] ?? value[0]).map((value) => value[1] ?? value[0]);
  const highs = d3.sort(values, (value) => value[2] ?? value[0]).map((value) => value[2] ?? value[0]);
  const out = values.length < 4 ? 0 : Math.max(1, Math.floor(values.length / 10));
  const inside = (value) => (zero ? [value, 0] : [value]);
  const [from, to] = [Math.min(...inside(lows[out])), Math.max(...inside(highs[highs.length - 1 - out]))];
  const reach = to - from;
  const low = Math.max(Math.min(...inside(lows[0])), from - reach);
  const high = Math.min(Math.max(...inside(highs[highs.length - 1])), to + reach);
  return high > low ? [low, high] : [low - 0.5, high + 0.5];
}

const drawingScale = (values, zero = false) => d3.scaleLinear(usefulDomain(values, zero), [6, WIDTH - 6]);

/** Draw [mean, low, high] on a scale, with a thin line at zero where the scale is of gains. */
function drawnInterval(value, scale, zero = false) {
  const svg = d3.create("svg").attr("width", WIDTH).attr("height", HEIGHT).attr("aria-hidden", "true");
  const middle = HEIGHT / 2;
  const [from, to] = scale.domain();
  const within = (end) => scale(Math.min(to, Math.max(from, end)));
  if (zero)
    svg.append("line").attr("x1", scale(0)).attr("x2", scale(0)).attr("y2", HEIGHT).attr("stroke", "var(--edge)");
  const [mean, low, high] = value;
  if (isNumber(low)) {
    svg
      .append("line")
      .attr("x1", within(low))
      .attr("x2", within(high))
      .attr("y1", middle)
      .attr("y2", middle)
      .attr("stroke", "var(--accent)")
      .attr("stroke-width", 2);
  }
  const arrow = (at, direction) =>
    svg
      .append("path")
      .attr("fill", "var(--accent)")
      .attr("d", `M${at + 5 * direction},${middle}l${-5 * direction},-4v8z`);
  if ((low ?? mean) < from) arrow(scale(from), -1);
  if ((high ?? mean) > to) arrow(scale(to), 1);
  if (mean >= from && mean <= to)
    svg.append("circle").attr("cx", scale(mean)).attr("cy", middle).attr("r", 3.2).attr("fill", "var(--accent)");
  return svg.node();
}

function drawnCell(text, value, scale, zero) {
  return element("span", { class: "drawn" }, element("span", {}, text), drawnInterval(value, scale, zero));
}

/** Return a gain as text: its interval, or why there is none. */
function gainText(gain) {
  if (!gain) return NOTHING;
  if (gain.reason) return gain.reason;
  const [value, low, high] = gain.value;
  return `${signed(value)} [${signed(low)}, ${signed(high)}]${gain.same ? ", same inputs" : ""}`;
}

/** Return 1 if a gain's interval lies on the better side of zero, -1 on the worse, 0 if zero is in it. */
function side(gain) {
  const [, low, high] = gain.value;
  const found = low > 0 ? 1 : high < 0 ? -1 : 0;
  return rankedBy.better === "higher" ? found : -found;
}
