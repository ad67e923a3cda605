/** The filter of the page. Without it everything is there to read, and the filter is not shown. */
export const script = `
"use strict";
const form = document.getElementById("filter");
const shown = document.getElementById("shown");
const sections = [...document.querySelectorAll("section[data-cluster]")];
const { text, risk, cluster, changed } = form.elements;
const texts = new Map();
const textOf = (row) => {
  if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
  return texts.get(row);
};
const isRisky = (row, wanted) =>
  wanted === "" || row.dataset.severity === wanted || row.dataset.rules.split(" ").includes(wanted);
const apply = () => {
  const words = text.value.toLowerCase().split(" ").filter((word) => word !== "");
  const wanted = { risk: risk.value, cluster: cluster ? cluster.value : "", changed: changed ? changed.value !== "" : false };
  const isFiltered = words.length > 0 || wanted.risk !== "" || wanted.cluster !== "" || wanted.changed;
  let [count, all] = [0, 0];
  for (const section of sections) {
    const isWanted = wanted.cluster === "" || section.dataset.cluster === wanted.cluster;
    let found = 0;
    for (const row of section.querySelectorAll("tr[data-rules]")) {
      const fits = isWanted && isRisky(row, wanted.risk) && (!wanted.changed || row.dataset.change !== "") &&
        words.every((word) => textOf(row).includes(word));
      row.hidden = !fits;
      found += fits ? 1 : 0;
      all += 1;
    }
    section.hidden = isFiltered && found === 0 && !(isWanted && words.length === 0 && wanted.risk === "" && !wanted.changed);
    count += found;
  }
  shown.textContent = isFiltered ? "Filtered: " + count + " of " + all + " identities are shown." : "";
};
form.hidden = false;
form.addEventListener("input", apply);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(apply));
// A browser keeps what was typed when it shows the page again.
apply();
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const details of opened) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of opened) details.open = false;
});
`;
