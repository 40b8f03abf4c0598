// The picture elsewhere: as text for a screen reader, as Markdown, as SVG, and its choices as a link. Secrets are in
// none of them.

import { el, get } from './dom.js';
import { names, words } from './picture.js';

let state;

const flat = (entries) => entries.flatMap((entry) => entry.kind === 'group' ? entry.entries : [entry]);
const lane = (name) => name === 'server' ? get('lane-server').textContent : names[name];
const joined = ({ means, wire, counts }) => means + (wire && ` (${wire})`) + (counts && `: ${counts}`);

// The sequence as sentences.
function sentences(entry) {
  if (entry.kind === 'step') return [`Step: ${entry.title}.`];
  if (entry.kind === 'note') {
    return [entry.text + (entry.detail ? ` (${entry.detail.kind}, ${entry.detail.code})` : '')];
  }
  return [`${lane(entry.from)} to ${lane(entry.to)}: ${joined(words(entry, false))}.`,
    `${lane(entry.to)} to ${lane(entry.from)}: ${joined(words(entry, true))}.`];
}

export function markdown() {
  const { run } = state;
  const out = [`# ${get('way-title').textContent}`, '', get('way-text').textContent, '',
    `Server: ${state.place.name}. ${get('status').textContent}`, ''];
  for (const entry of flat(run.entries)) {
    if (entry.kind === 'step') out.push(`## ${entry.title}`, '');
    else if (entry.kind === 'note') out.push(`> ${sentences(entry)[0]}`, '',
      ...(entry.value ? ['```lua', entry.value, '```', ''] : []));
    else {
      out.push(...sentences(entry).map((text) => `- ${text}`), '');
      const rows = [...entry.meaning.asked, ...entry.meaning.told];
      if (rows.length) out.push('| name | value | what it is |', '|---|---|---|', ...rows.map((row) =>
        `| \`${row.name}\` | \`${row.value.replaceAll('|', '\\|')}\` | ${row.means ?? ''} ` +
        `${row.source ? `(${row.source})` : ''} |`), '');
    }
  }
  out.push('## As Lua', '', '```lua', get('code').querySelector('pre').textContent.trimEnd(), '```', '');
  return out.join('\n');
}

// ---- SVG

const width = 960;
const x = { browser: 120, app: 480, server: 840 };
const measure = document.createElement('canvas').getContext('2d');

function wrap(text, font, most) {
  measure.font = font;
  const out = [''];
  for (const word of text.match(/[^\s,]+[,\s]*/g) ?? []) {
    const longer = out[out.length - 1] + word;
    if (out[out.length - 1] && measure.measureText(longer).width > most) out.push(word);
    else out[out.length - 1] = longer;
    while (measure.measureText(out[out.length - 1]).width > most && out[out.length - 1].length > 8) {
      const last = out.pop();
      let n = last.length - 1;
      while (measure.measureText(last.slice(0, n)).width > most) n--;
      out.push(last.slice(0, n), last.slice(n));
    }
  }
  return out.map((line) => line.trim()).filter(Boolean);
}

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text) => text.replace(/[&<>"]/g, (sign) => escapes[sign]);

function texts(parts, centre, y) {
  const out = [];
  for (const [text, style, font] of parts) {
    for (const line of wrap(text, font, 320)) {
      y += 16;
      out.push(`<text x="${centre}" y="${y}" text-anchor="middle" class="${style}">${escape(line)}</text>`);
    }
  }
  return { out, y };
}

const plain = '600 13px sans-serif';
const mono = '12px monospace';

function line(entry, back, y, out) {
  const [from, to] = back ? [entry.to, entry.from] : [entry.from, entry.to];
  const { means, wire, counts } = words(entry, back);
  const middle = Math.abs(x[from] - x[to]) > 400 ? (x[back ? to : from] + x.app) / 2 : (x[from] + x[to]) / 2;
  const made = texts([[means, 'means', plain], [wire, 'wire', mono], [counts, 'counts', mono]], middle, y);
  out.push(...made.out);
  const at = made.y + 8;
  const bad = back && (entry.why || entry.status >= 400);
  const kind = bad ? 'bad' : back ? 'back' : 'go';
  out.push(`<line x1="${x[from]}" y1="${at}" x2="${x[to]}" y2="${at}" class="${kind}" ` +
    `marker-end="url(#${kind}-end)"/>`);
  return at + 6;
}

export function svg() {
  const out = [];
  let y = 56;
  for (const entry of flat(state.run.entries)) {
    if (entry.kind === 'step') {
      y += 30;
      out.push(`<text x="12" y="${y}" class="step">${escape(entry.title)}</text>`);
    } else if (entry.kind === 'note') {
      const made = texts([[entry.text, `note ${entry.tone}`, plain]], x.app, y + 4);
      out.push(...made.out);
      y = made.y + 8;
    } else y = line(entry, true, line(entry, false, y, out), out);
  }
  const height = y + 24;
  const heads = Object.keys(x).map((name) =>
    `<line x1="${x[name]}" y1="44" x2="${x[name]}" y2="${height}" class="lane"/>` +
    `<text x="${x[name]}" y="32" text-anchor="middle" class="step">${escape(lane(name))}</text>`);
  const ends = ['go', 'back', 'bad'].map((name) => `<marker id="${name}-end" viewBox="0 0 8 8" refX="8" ` +
    `refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8" class="${name}"/></marker>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
    `height="${height}" role="img" aria-label="${escape(get('way-title').textContent)}"><style>` +
    'text{font:600 13px sans-serif;fill:#1b1d22;paint-order:stroke;stroke:#fff;stroke-width:4px}' +
    '.wire,.counts{font:12px monospace}.counts{fill:#565c67}' +
    '.note{font-weight:400}.note.bad{fill:#b3261e}.note.good{fill:#176b41}line,path{stroke-width:1.5;fill:none}' +
    '.lane{stroke:#c4cad4}.go{stroke:#3056d3}.back{stroke:#176b41;stroke-dasharray:5 3}.bad{stroke:#b3261e}' +
    `</style><rect width="100%" height="100%" fill="#fff"/><defs>${ends.join('')}</defs>${heads.join('')}` +
    `${out.join('')}</svg>\n`;
}

// ---- the bar

const shared = ['server', 'url', 'base_url', 'provider', 'realm', 'tenant', 'authorization_server', 'audience',
  'client_id', 'application', 'way', 'breakage', 'scope', 'pkce', 'offline', 'narrow', 'person', 'path'];

// The address with the choices behind its #, without the key, which is good for this run of the playground alone.
export function link() {
  const chosen = new URLSearchParams();
  for (const name of shared) chosen.set(name, String(state.choice[name]));
  return `${location.origin}/#${chosen}`;
}

// What a link holds, as choices; null: it holds none.
export function linked(hash) {
  const given = {};
  for (const [name, value] of new URLSearchParams(hash.replace(/^#/, ''))) {
    if (!shared.includes(name)) continue;
    given[name] = name === 'application' ? Number(value) : ['pkce', 'offline', 'narrow'].includes(name) ?
      value === 'true' : value;
  }
  return Object.keys(given).length ? given : null;
}

function save(name, type, text) {
  const href = URL.createObjectURL(new Blob([text], { type }));
  el('a', { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10000);
}

async function copy(text, said) {
  try {
    await navigator.clipboard.writeText(text);
    get('said').textContent = said;
  } catch {
    get('said').textContent = text;
  }
}

function make() {
  const button = (id, title, act) => el('button', { type: 'button', id, onclick: act }, title);
  get('export').append(
    button('save-svg', 'Save the picture (SVG)', () => save('airlock.svg', 'image/svg+xml', svg())),
    button('save-markdown', 'Save as Markdown', () => save('airlock.md', 'text/markdown', markdown())),
    button('share', 'Copy a link to these choices', () => copy(link(),
      'Copied. Open it with: airlock playground --open LINK')),
    el('p.soft', { id: 'said', role: 'status' }));
}

export function exported(now) {
  if (!state) make();
  state = now;
  get('export').hidden = !now.run.entries.length;
  const list = get('as-text');
  list.replaceChildren(...flat(now.run.entries).flatMap(sentences).map((text) => el('li', null, text)));
}
