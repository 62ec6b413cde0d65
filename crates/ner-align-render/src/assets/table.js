const rows = [...document.querySelectorAll('.errors tbody tr')];
const boxes = [...document.querySelectorAll('.filters input[type=checkbox]')];
const search = document.querySelector('.filters input[type=search]');
const shown = document.querySelector('.filters output');
function filter() {
  const kinds = new Set(boxes.filter(b => b.checked).map(b => b.value));
  const text = search.value.toLowerCase();
  let count = 0;
  for (const row of rows) {
    const show = kinds.has(row.dataset.kind) && row.textContent.toLowerCase().includes(text);
    row.hidden = !show;
    count += show;
  }
  shown.value = `${count} of ${rows.length} shown`;
}
[...boxes, search].filter(Boolean).forEach(input => input.addEventListener('input', filter));
if (search) filter();
