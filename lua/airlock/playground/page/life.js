// The life of a run's tokens, as lines: fresh, margin, stale; what ended each; and now, which moves along.

import { el } from './dom.js';

let lines = []; // [node, entry, base] of those that are drawn: `base` is performance.now() when they were told

const clock = (seconds) => {
  const s = Math.max(0, Math.round(seconds));
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
};

// Where a token is in its life, `passed` seconds after it was told.
export function phase(entry, passed) {
  if (entry.over !== undefined && entry.over !== null) return entry.how;
  if (entry.expires === undefined || entry.expires === null) return 'no end known';
  if (passed >= entry.expires) return 'expired';
  return passed >= entry.stale ? 'stale: the next call renews it' : 'fresh';
}

function place(node, entry, base) {
  const passed = (performance.now() - base) / 1000;
  const ended = entry.over ?? null;
  const end = entry.expires ?? Math.max(60, passed) * 1.5;
  const whole = Math.max(end, ended ?? 0, 1) - entry.from;
  const at = (seconds) => `${Math.min(100, Math.max(0, (seconds - entry.from) / whole * 100)).toFixed(2)}%`;
  node.style.setProperty('--stale', at(entry.stale ?? end));
  node.style.setProperty('--expires', at(end));
  node.style.setProperty('--now', at(ended ?? passed));
  const now = phase(entry, passed);
  const left = entry.expires - passed;
  node.querySelector('.phase').textContent = ended === null && left > 0 ? `${now}, ${clock(left)} left` : now;
  node.classList.toggle('over', ended !== null || passed >= end);
}

export function tick() {
  for (const line of lines) place(...line);
}

export function life(list) {
  const base = performance.now();
  lines = list.map((entry, i) => [el('li.life', null, el('span.which', null, `Token ${i + 1}`),
    el('span.bar', { 'aria-hidden': 'true' }, el('span.now')), el('span.phase')), entry, base]);
  tick();
  return el('ol.lives', { 'aria-label': 'Lives of the tokens' }, lines.map(([node]) => node));
}
