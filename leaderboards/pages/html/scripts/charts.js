// Figures: each is drawn by Plot when it comes into view, and again when its width changes.

const QUIET_FONT = "system-ui, sans-serif";

/** Return a figure that draws itself: draw(width) gives a node, or null if there is nothing to draw. */
function figure(caption, draw, { note = null } = {}) {
  const place = element("div", { class: "waiting" });
  const made = element("figure", {}, element("figcaption", {}, caption), place, note);
  let drawn = 0;
  const render = () => {
    const width = Math.floor(made.clientWidth);
    if (!width || width === drawn) return;
    drawn = width;
    const node = draw(width);
    place.replaceChildren(node || element("p", { class: "quiet" }, "Nothing to draw: no row has both numbers."));
    place.classList.remove("waiting");
  };
  made.render = render;
  seen.observe(made);
  return made;
}

const sizes = new ResizeObserver((entries) => {
  for (const entry of entries) entry.target.render();
});
const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries.filter((one) => one.isIntersecting)) {
      entry.target.render();
      sizes.observe(entry.target);
      seen.unobserve(entry.target);
    }
  },
  { rootMargin: "300px" },
);
window.addEventListener("beforeprint", () => {
  for (const made of document.querySelectorAll("section:not([hidden]) figure")) made.render();
});

/** Draw with Plot, for people who see it and, by its description, for those who do not. */
function plotted(description, options) {
  const made = Plot.plot({
    style: {
      fontFamily: QUIET_FONT,
      fontSize: "12px",
      background: "transparent",
      color: "currentColor",
      overflow: "visible",
    },
    ...options,
  });
  // The whole is described; Plot's labels of its parts say "dot" and "rule".
  for (const part of made.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", description);
  return made;
}

const pen = document.createElement("canvas").getContext("2d");

/** Return names as they fit on an axis of a figure of some width, and the margin that they need. */
function fittedNames(names, width) {
  pen.font = `12px ${QUIET_FONT}`;
  const room = width * (width < 480 ? 0.38 : 0.34);
  const fitted = names.map((name) => {
    let length = 60;
    while (length > 1 && pen.measureText(shortText(name, length)).width > room) length -= 1;
    return shortText(name, length);
  });
  return { fitted, margin: d3.max(fitted, (name) => pen.measureText(name).width) + 14 };
}
