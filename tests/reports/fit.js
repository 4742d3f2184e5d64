// What does not fit on a page, a sentence each; details are opened first.
() => {
  document.querySelectorAll('details').forEach((d) => (d.open = true));
  const bad = [];
  const said = (e) => `${e.tagName.toLowerCase()} '${(e.textContent || '').trim().slice(0, 40)}'`;
  const wide = document.documentElement.scrollWidth;
  if (wide > window.innerWidth) bad.push(`the page scrolls sideways: ${wide} > ${window.innerWidth}`);
  for (const e of document.querySelectorAll('body *')) {
    if (e.closest('svg')) continue;
    const box = e.closest('.wide');
    const style = getComputedStyle(e);
    if (style.display !== 'inline' && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0) {
      if (style.overflowX === 'hidden') bad.push(`cut: ${said(e)}`);
      if (['auto', 'scroll'].includes(style.overflowX) && e !== box) bad.push(`scrolls outside a box: ${said(e)}`);
    }
    const r = e.getBoundingClientRect();
    if (!box && r.width > 0 && r.right > window.innerWidth + 1) bad.push(`leaves the page: ${said(e)}`);
  }
  for (const box of document.querySelectorAll('.wide')) {
    if (box.tabIndex !== 0) bad.push(`no key reaches: ${said(box)}`);
    if (box.getAttribute('role') !== 'region' || !box.getAttribute('aria-label')) bad.push(`no name: ${said(box)}`);
    if (getComputedStyle(box).backgroundImage === 'none') bad.push(`no shadow: ${said(box)}`);
  }
  for (const table of document.querySelectorAll('table')) {
    if (!table.closest('.wide')) bad.push(`a table outside a box: ${said(table)}`);
  }
  for (const e of document.querySelectorAll('tbody th')) {
    if (e.textContent.trim().length > 12 && e.clientWidth < 50) bad.push(`squeezed: ${said(e)}`);
  }
  for (const svg of document.querySelectorAll('svg')) {
    if (svg.getAttribute('role') !== 'img' || !svg.getAttribute('aria-label')) bad.push('a picture without words');
    const frame = svg.getBoundingClientRect();
    const scale = frame.width / svg.viewBox.baseVal.width;
    const placed = [];
    for (const t of svg.querySelectorAll('text')) {
      const r = t.getBoundingClientRect();
      if (r.width === 0) continue;
      const word = t.textContent.trim().slice(0, 40);
      const font = parseFloat(getComputedStyle(t).fontSize) * scale;
      if (font < 8.95) bad.push(`too small in a picture: '${word}' ${font.toFixed(1)} px`);
      if (r.left < frame.left - 1 || r.right > frame.right + 1 || r.top < frame.top - 1 || r.bottom > frame.bottom + 1) {
        bad.push(`'${word}' leaves the picture '${svg.getAttribute('aria-label').slice(0, 30)}'`);
      }
      for (const [other, q] of placed) {
        const x = Math.min(r.right, q.right) - Math.max(r.left, q.left);
        const y = Math.min(r.bottom, q.bottom) - Math.max(r.top, q.top);
        // A line of text has room above and below its letters, which may touch.
        if (x > 1.5 && y > 0.35 * Math.min(r.height, q.height)) bad.push(`'${word}' stands on '${other}'`);
      }
      placed.push([word, r]);
    }
  }
  return bad;
}
