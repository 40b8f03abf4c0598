// playground.mjs URL SCENARIO...: goes through the playground in a real Chromium. Prints "ok NAME" or "not ok NAME: why" for each,
// and whatever the page's console says.
import { open } from './chromium.mjs';
import * as inspect from './inspect.mjs';

const [url, ...wanted] = process.argv.slice(2);
const { context, page, close } = await open({ viewport: { width: 1440, height: 900 } });
const foreign = new Set();

context.on('request', (request) => {
  const { hostname, protocol } = new URL(request.url());
  if (hostname !== '127.0.0.1' && protocol !== 'data:') foreign.add(request.url());
});

function must(condition, why) {
  if (!condition) throw new Error(why);
}

const status = (text) => page.waitForFunction((wish) => document.querySelector('#status').textContent.startsWith(wish), text);
const idle = () => page.waitForFunction(() => !document.querySelector('#go').matches('[aria-disabled=true]'));

async function fresh(way) {
  await page.goto(url);
  await page.getByRole('radio', { name: way }).check();
  await page.getByRole('heading', { level: 1, name: way.replace(/ /g, ' ') }).waitFor();
  await page.getByRole('button', { name: 'Start over' }).click();
  await status('Ready.');
}

async function run() {
  await page.getByRole('button', { name: 'Run', exact: true }).click();
}

// Signs in at the emulator, in the tab that the page opens.
async function signIn(answer = 'Accept') {
  const [tab] = await Promise.all([context.waitForEvent('page'), page.getByRole('link', { name: 'Open the sign-in page' }).click()]);
  await tab.waitForLoadState();
  if (await tab.getByLabel('Username').count()) {
    await tab.getByLabel('Username').fill('alice.first');
    await tab.getByLabel('Password').fill('password-of-alice.first');
    await tab.keyboard.press('Enter');
  }
  return { tab, answer: async () => {
    const button = tab.getByRole('button', { name: answer });
    const back = tab.getByRole('heading', { name: /Back at the application|The device is connected/ });
    await Promise.race([button.waitFor(), back.waitFor()]);
    if (await button.isVisible()) await button.click();
    await back.waitFor();
    const title = await back.textContent();
    await tab.close();
    return title;
  } };
}

const rows = () => page.locator('.exchange').evaluateAll((all) => all.map((node) => node.textContent.replace(/\s+/g, ' ').trim()));

const scenarios = {
  async client_credentials() {
    await fresh('Client credentials');
    await run();
    await status('Done.');
    const found = await rows();
    must(found[0] === 'Application to Server: POST /oauth/token Answer: 200 token', found[0]);
    must(found.length === 3, `${found.length} messages`);
    must((await page.locator('#countdown').textContent()).match(/^(9|10):\d\d$/), 'no countdown');
    must((await page.locator('.verdict.good').count()) === 1, 'no verdict');
  },

  async secrets() {
    await fresh('Client credentials');
    await run();
    await status('Done.');
    await page.locator('.exchange').first().click();
    const details = page.locator('.details').first();
    must((await details.textContent()).includes('"access_token": "***"'), 'not covered');
    const html = await page.content();
    must(!/eyJ[\w-]{20}/.test(html), 'a token is in the page');
    await details.getByRole('button', { name: 'Show secrets' }).click();
    await page.waitForFunction(() => /eyJ[\w-]{20}/.test(document.querySelector('.details').textContent));
    await details.getByRole('button', { name: 'Show secrets' }).click();
    await page.waitForFunction(() => !/eyJ[\w-]{20}/.test(document.querySelector('.details').textContent));
  },

  async authorization_code() {
    await fresh('Authorization code');
    await run();
    const person = await signIn();
    must((await person.answer()) === 'Back at the application', 'not back');
    await status('Done.');
    const found = await rows();
    must(found.some((row) => row.startsWith('Browser to Server: GET /oauth/auth')), found.join('; '));
    must(found.some((row) => row.startsWith('Browser to Application: GET /callback Answer: 200')), found.join('; '));
    must(found.some((row) => row.startsWith('Application to Server: POST /oauth/token Answer: 200 token')), found.join('; '));
  },

  async steps() {
    await fresh('Client credentials');
    const step = page.getByRole('button', { name: 'One step' });
    await step.click();
    await status('Next: Look at the token');
    must((await rows()).length === 1, 'more than one message');
    await step.click();
    await status('Next: Call the API');
    await step.click();
    await status('Done.');
  },

  // Without a mouse: from the top of the page to a run's message and its secrets.
  async keyboard() {
    await fresh('Client credentials');
    await page.goto(url);
    await page.locator('.way').first().waitFor();
    await page.keyboard.press('Tab');
    must(await page.evaluate(() => document.activeElement.textContent) === 'Skip to the run', 'the first stop is not the skip link');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    must(await page.evaluate(() => document.activeElement.id) === 'go', 'the skip link leads elsewhere');
    must(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle) !== 'none', 'the focus is not seen');
    await page.keyboard.press('Enter');
    await status('Done.');
    must(await page.evaluate(() => document.activeElement.id) === 'go', 'the focus was lost');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
    must(await page.evaluate(() => document.activeElement.matches('.exchange')), 'the messages are not reached');
    await page.keyboard.press('Enter');
    must(await page.evaluate(() => document.activeElement.getAttribute('aria-expanded')) === 'true', 'it does not open');
    must((await page.locator('#announcer').textContent()).includes('The run is over.'), 'nothing was announced');
    const radio = page.getByRole('radio', { name: 'Client credentials' });
    await radio.focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('heading', { level: 1, name: 'Authorization code' }).waitFor();
    must(await page.evaluate(() => document.activeElement.value) === 'authorization_code', 'the focus was lost among the ways');
  },

  // Landmarks, names, headings, contrast: light and dark, wide and narrow, before and after a run.
  async access() {
    await fresh('Authorization code');
    await page.getByLabel('Who signs in').selectOption('alice.first');
    await page.getByLabel('What goes wrong').selectOption('wrong_verifier');
    await run();
    await status('Broken');
    await page.locator('.exchange').last().click();
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const width of [1440, 1000, 700, 360]) {
        await page.setViewportSize({ width, height: 900 });
        const wrong = [...await inspect.tree(page), ...await inspect.document_(page)];
        must(wrong.length === 0, `${colorScheme}, ${width}: ${wrong.join('; ')}`);
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByLabel('Who signs in').selectOption('');
  },

  async nothing_from_elsewhere() {
    must(foreign.size === 0, [...foreign].join(', '));
  },
};

context.on('weberror', (error) => console.log(`console error: ${error.error().message}`));
page.on('console', (message) => console.log(`console ${message.type()}: ${message.text()}`));
let failed = 0;
for (const name of wanted.length ? wanted : Object.keys(scenarios)) {
  try {
    await scenarios[name]();
    await idle();
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`not ok ${name}: ${String(error.message).replace(/\n/g, ' | ').slice(0, 600)}`);
  }
}
await close();
process.exit(failed ? 1 : 0);
