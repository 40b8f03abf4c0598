// What a page owes to those who don't see it, or don't use a mouse. Each check gives a list of what is wrong.

const needNames = new Set(['button', 'link', 'textbox', 'combobox', 'checkbox', 'radio', 'searchbox', 'tab', 'img',
  'region', 'group', 'form', 'complementary']);

// By the accessibility tree, as a screen reader gets it: names, one main landmark, one level-1 heading, no level left
// out.
export async function tree(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  const wrong = [];
  const seen = nodes.filter((node) => !node.ignored);
  const role = (node) => node.role?.value;
  for (const node of seen) {
    if (needNames.has(role(node)) && !node.name?.value?.trim()) wrong.push(`a ${role(node)} has no name`);
  }
  for (const [kind, wanted] of [['main', 1], ['banner', 1], ['complementary', 2]]) {
    const n = seen.filter((node) => role(node) === kind).length;
    if (n !== wanted) wrong.push(`${n} ${kind} landmarks, not ${wanted}`);
  }
  const levels = seen.filter((node) => role(node) === 'heading').map((node) =>
    node.properties.find((each) => each.name === 'level').value.value);
  if (levels.filter((level) => level === 1).length !== 1) wrong.push('not one heading of level 1');
  if (levels.some((level) => level > 3)) wrong.push('a heading deeper than 3');
  return wrong;
}

// By the document: ids once, a language, labels, no positive tabindex, text that stands out from what is behind it
// (WCAG 2 AA).
export function document_(page) {
  return page.evaluate(() => {
    const wrong = [];
    if (!document.documentElement.lang) wrong.push('no language');
    if (!document.title) wrong.push('no title');
    const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push(`id ${id} twice`);
    for (const node of document.querySelectorAll('[tabindex]'))
      if (node.tabIndex > 0) wrong.push(`tabindex ${node.tabIndex}`);
    for (const node of document.querySelectorAll('[aria-labelledby], [aria-controls]')) {
      for (const name of ['aria-labelledby', 'aria-controls']) {
        const id = node.getAttribute(name);
        if (id && !document.getElementById(id) && node.checkVisibility()) wrong.push(`${name} leads nowhere: ${id}`);
      }
    }
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth + 1) wrong.push(`wider than the window: ${scrollWidth}`);

    const channel = (c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const parse = (text) => {
      const found = text.match(/[\d.]+/g).map(Number);
      const unit = text.startsWith('color(') ? 1 : 255;
      return { rgb: found.slice(0, 3).map((c) => c / unit), a: found[3] ?? 1 };
    };
    const over = (top, under) => ({ rgb: top.rgb.map((c, i) => c * top.a + under.rgb[i] * (1 - top.a)), a: 1 });
    const behind = (node) => {
      const layers = [];
      for (let at = node; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
      return layers.reverse().reduce((under, top) => over(top, under), { rgb: [1, 1, 1], a: 1 });
    };
    const light = ({ rgb }) => 0.2126 * channel(rgb[0]) + 0.7152 * channel(rgb[1]) + 0.0722 * channel(rgb[2]);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const done = new Set();
    while (walker.nextNode()) {
      const node = walker.currentNode.parentElement;
      if (done.has(node) || !walker.currentNode.textContent.trim() || !node.checkVisibility() ||
        node.closest('.unseen, .skip, [aria-disabled="true"], option, noscript')) continue;
      done.add(node);
      const style = getComputedStyle(node);
      const ground = behind(node);
      const [a, b] = [light(over(parse(style.color), ground)), light(ground)];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      const big = parseFloat(style.fontSize) >= 24 ||
        (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
      if (ratio < (big ? 3 : 4.5))
        wrong.push(`contrast ${ratio.toFixed(2)}: "${node.textContent.trim().slice(0, 40)}"`);
    }
    return wrong;
  });
}

// The picture: every label lies between two lifelines, and no two labels over each other.
export function lanes(page) {
  return page.evaluate(() => {
    const wrong = [];
    const list = document.querySelector('#picture');
    const { left, width } = list.getBoundingClientRect();
    const probe = document.createElement('i');
    probe.style.position = 'absolute';
    list.style.position = 'relative';
    list.append(probe);
    const lines = ['--a', '--b', '--c'].map((name) => {
      probe.style.left = `var(${name})`;
      return probe.getBoundingClientRect().left;
    });
    probe.remove();
    list.style.position = '';
    if (!(lines[0] >= left && lines[2] <= left + width)) wrong.push(`lifelines at ${lines}`);
    const labels = [...document.querySelectorAll('.label')].filter((node) => node.checkVisibility()).map((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return { text: node.textContent, box: range.getBoundingClientRect() };
    });
    if (labels.length < 10) wrong.push(`${labels.length} labels`);
    labels.forEach(({ text, box }, i) => {
      if (lines.some((x) => box.left < x && box.right > x)) wrong.push(`crosses a lifeline: ${text}`);
      if (box.left < lines[0] || box.right > lines[2]) wrong.push(`out of the lanes: ${text}`);
      for (const other of labels.slice(i + 1)) {
        if (box.left < other.box.right - 1 && other.box.left < box.right - 1 && box.top < other.box.bottom - 1 &&
          other.box.top < box.bottom - 1) wrong.push(`lie over each other: ${text} and ${other.text}`);
      }
    });
    return wrong;
  });
}

// What a program shows when it forgot to write something; code is not text.
export function words(page) {
  return page.evaluate(() => {
    const wrong = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (!node.parentElement.checkVisibility() || node.parentElement.closest('pre')) continue;
      if (/\[object|\bundefined\b|\bnil\b|\bNaN\b/.test(node.textContent)) wrong.push(node.textContent.trim());
    }
    return wrong;
  });
}
