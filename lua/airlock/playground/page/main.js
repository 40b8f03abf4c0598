// Asks the server how things stand, shows it, and sends what the user wants. All that is shown comes from one state.

import { announce } from './announce.js';
import { api } from './api.js';
import { choose } from './choose.js';
import { code } from './code.js';
import { get } from './dom.js';
import { exported, linked } from './export.js';
import { picture } from './picture.js';
import { token } from './token.js';
import { turn } from './turn.js';

let catalogue;
let timer;
let seen = {};

const words = {
  idle: 'Ready.', running: 'Under way …', waiting: 'Waiting for you.', paused: 'Next: ',
};

// By how a run ended.
const ends = {
  good: 'Done.', failed: 'Ended with a failure.', broken: 'Broken, as you wished.',
  withstood: 'Done: what was broken did no harm.', unbroken: 'Done: nothing was broken, as it did not come to that.',
};

function status({ run }) {
  if (run.status === 'paused') return words.paused + run.next_step;
  if (run.trace) return 'Drawn.';
  if (run.outcome) return ends[run.outcome];
  return words[run.wait ? 'waiting' : run.status];
}

function heading(state) {
  const way = catalogue.ways.find((each) => each.name === state.choice.way);
  get('way-title').textContent = state.run.trace ? 'A trace' : way.title;
  get('chosen').textContent = way.title +
    (state.choice.breakage === 'none' ? '' : `, ${state.breakages.find((each) =>
      each.name === state.choice.breakage).title.toLowerCase()}`);
  get('way-text').textContent = state.run.trace ?
    `What a program did, from ${state.run.trace}. Its secrets are covered. Run begins a run of your own.` :
    `${way.best} ${way.why} (${way.source})`;
  get('where').textContent = [state.place.name, state.place.url].filter(Boolean).join(' · ');
  get('lane-server').textContent = state.place.kind === 'emulator' ? 'Space' : state.place.name;
  document.title = `${get('way-title').textContent} · Airlock playground`;
}

function show(state) {
  get('lost').hidden = true;
  heading(state);
  choose(state, catalogue, send);
  turn(state);
  picture(state.run);
  token(state, (what) => send('act', { what }));
  exported(state);
  code(state);
  get('status').textContent = status(state);
  get('status').dataset.status = state.run.outcome ?? state.run.status;
  get('empty').textContent = state.run.entries.length ?
    '' : 'Press Run, and every message appears here as it goes over the wire.';
  const busy = state.run.status === 'running' || state.run.status === 'waiting';
  get('go').setAttribute('aria-disabled', String(busy));
  get('step').setAttribute('aria-disabled', String(busy));
  get('go').textContent = state.run.status === 'paused' ? 'Run the rest' : 'Run';
  announce(state.run);
  seen = { runs: state.run.number, version: state.run.version };
  document.body.classList.remove('gone');
  clearTimeout(timer);
  timer = setTimeout(busy ? () => send('state') : pulse, busy ? 250 : 1000);
}

// Asks whether anything changed, and so notices at once when the server is gone, or is back.
async function pulse() {
  try {
    const { runs, version } = await api('pulse');
    if (runs !== seen.runs || version !== seen.version || document.body.classList.contains('gone')) {
      await send('state');
      return;
    }
  } catch (error) {
    lost(error);
  }
  clearTimeout(timer);
  timer = setTimeout(pulse, 1000);
}

function lost(error) {
  const gone = error instanceof TypeError;
  document.body.classList.toggle('gone', gone);
  get('lost').hidden = false;
  get('lost').textContent = gone ?
    'The playground doesn\'t answer: it has been ended. Start it again, and open the address that it prints.' :
    error.message;
}

async function send(name, value) {
  try {
    show(await api(name, value));
  } catch (error) {
    lost(error);
    clearTimeout(timer);
    timer = setTimeout(pulse, 1000);
  }
}

function press(id, name, value) {
  get(id).addEventListener('click', (event) => {
    if (event.currentTarget.getAttribute('aria-disabled') !== 'true') send(name, value);
  });
}

press('go', 'go', {});
press('step', 'go', { steps: 1 });
press('reset', 'reset', {});
get('to-choices').addEventListener('click', () => get('choose').scrollIntoView());
get('choose').addEventListener('submit', (event) => event.preventDefault());

try {
  catalogue = await api('catalogue');
  const given = linked(location.hash);
  await send(given ? 'choose' : 'state', given ?? undefined);
} catch (error) {
  lost(error);
}
