// playground.mjs URL SCENARIO...: goes through the playground in a real Chromium. Prints "ok NAME" or "not ok NAME:
// why" for each, and whatever the page's console says.
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

const status = (text) => page.waitForFunction((wish) => document.querySelector('#status').textContent.startsWith(wish),
  text);
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
  const [tab] = await Promise.all([context.waitForEvent('page'),
    page.getByRole('link', { name: 'Open the sign-in page' }).click()]);
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

const rows = () => page.locator('.exchange').evaluateAll((all) =>
  all.map((node) => node.textContent.replace(/\s+/g, ' ').trim()));

const scenarios = {
  async client_credentials() {
    await fresh('Client credentials');
    await run();
    await status('Done.');
    const found = await rows();
    must(found[0].startsWith('Application to Server: asks for a token as itself POST /oauth/token') &&
      found[0].includes('Answer: gives a token 200 token'), found[0]);
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
    must((await details.locator('tr', { hasText: 'grant_type' }).textContent()).includes('RFC 6749 section 4'),
      'a field has no meaning');
    await details.getByText('As it went over the wire').click();
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
    const has = (...words) => must(found.some((row) => words.every((each) => row.includes(each))), found.join('; '));
    has('Browser to Server: asks the server to sign the user in GET /oauth/auth');
    has('Browser to Application: brings the code back GET /callback', 'Answer: shows a last page 200');
    has('Application to Server: asks for a token with the code and the verifier POST /oauth/token',
      'Answer: gives a token 200 token');
    must(await page.locator('.fold').count() === 1, 'the pages are no group');
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
    must(await page.evaluate(() => document.activeElement.textContent) === 'Skip to the run',
      'the first stop is not the skip link');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    must(await page.evaluate(() => document.activeElement.id) === 'go', 'the skip link leads elsewhere');
    must(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle) !== 'none',
      'the focus is not seen');
    await page.keyboard.press('Enter');
    await status('Done.');
    must(await page.evaluate(() => document.activeElement.id) === 'go', 'the focus was lost');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
    must(await page.evaluate(() => document.activeElement.matches('.exchange')), 'the messages are not reached');
    await page.keyboard.press('Enter');
    must(await page.evaluate(() => document.activeElement.getAttribute('aria-expanded')) === 'true',
      'it does not open');
    must((await page.locator('#announcer').textContent()).includes('The run is over.'), 'nothing was announced');
    const radio = page.getByRole('radio', { name: 'Client credentials' });
    await radio.focus();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('heading', { level: 1, name: 'Authorization code' }).waitFor();
    must(await page.evaluate(() => document.activeElement.value) === 'authorization_code',
      'the focus was lost among the ways');
  },

  // Implicit and device code, in the tab that the page opens.
  async tabs() {
    await fresh('Implicit');
    await run();
    must((await (await signIn()).answer()) === 'Back at the application', 'not back');
    await status('Done.');
    must((await rows()).some((row) => row.includes('POST /callback/fragment')),
      'no fragment');
    await fresh('Device code');
    await run();
    must(/^[A-Z0-9-]{6,}$/.test(await page.locator('.usercode').textContent()), 'no code to show');
    const person = await signIn();
    await person.tab.getByRole('button', { name: /Continue|Next|Connect/ }).click();
    must((await person.answer()) === 'The device is connected', 'not connected');
    await status('Done.');
  },

  async other_ways() {
    await fresh('Password');
    await page.getByLabel('Name').fill('bob.second');
    await page.getByLabel('Password', { exact: true }).last().fill('password-of-bob.second');
    await run();
    await status('Done.');
    must(!(await page.content()).includes('value="password-of-bob'), 'the password is in the page');
    for (const way of ['Permanent token', 'Refresh token']) {
      await fresh(way);
      await run();
      await status('Done.');
    }
    await fresh('Authorization code');
    await page.getByLabel('Who signs in').selectOption('bob.second');
    await page.getByRole('checkbox', { name: 'PKCE' }).uncheck();
    await run();
    await status('Done.');
    await page.getByRole('checkbox', { name: 'PKCE' }).check();
    await page.getByLabel('Who signs in').selectOption('');
  },

  async breakages() {
    await fresh('Authorization code');
    await page.getByLabel('Who signs in').selectOption('alice.first');
    await page.getByRole('checkbox', { name: 'Offline access' }).check();
    const wanted = { wrong_state: 'state_mismatch', reused_code: 'invalid_grant', wrong_verifier: 'invalid_grant',
      denied: 'access_denied',
      wrong_secret: 'invalid_client', narrowed_scope: 'permission-denied', rate_limited: 'rate-limited' };
    for (const [name, code] of Object.entries(wanted)) {
      await page.getByLabel('What goes wrong').selectOption(name);
      await status('Ready.');
      await run();
      await page.waitForFunction(() => /^(Done|Broken)/.test(document.querySelector('#status').textContent));
      must((await page.locator('.chips').allTextContents()).some((text) => text.includes(code)),
        `${name} doesn't show ${code}`);
    }
    await page.getByLabel('What goes wrong').selectOption('none');
    await page.getByLabel('Who signs in').selectOption('');
  },

  // A token's life: called with, expired, renewed, revoked, over.
  async token_life() {
    await fresh('Client credentials');
    await run();
    await status('Done.');
    const act = async (name) => {
      const before = await page.locator('.row').count();
      await page.getByRole('button', { name, exact: true }).click();
      await page.waitForFunction((n) => document.querySelectorAll('.row').length > n + 1, before);
      await idle();
    };
    await act('Let it expire');
    must((await page.locator('#countdown').textContent()) === 'expired', 'it counts on');
    await act('Call the API');
    const found = (await rows()).slice(-3).map((row) => row.match(/Answer: .*? (\d{3})/)[1]);
    must(found.join() === '401,200,200', found.join());
    must((await page.locator('#countdown').textContent()) !== 'expired', 'the new token is not shown');
    must((await page.locator('.life').count()) === 2, 'not two lives');
    must((await page.locator('.life .phase').allTextContents())[0] === 'expired, renewed', 'the first goes on');
    await act('Expire, and let Airlock know');
    await act('Five calls at once');
    must((await rows()).slice(-2).map((row) => row.includes(' × 5 ')).join() === 'false,true',
      (await rows()).slice(-2).join());
    await act('Revoke at the server');
    await act('Check again');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('Logged out: Airlock has forgotten the tokens.').waitFor();
    must((await page.locator('.acts button').count()) === 0, 'a button is left');
    must((await page.locator('#countdown').count()) === 0, 'it counts on');
  },

  // What is said of what can't be, and what can't be done isn't offered.
  async honest() {
    await fresh('Client credentials');
    await page.locator('select[name=server]').selectOption('provider');
    await page.getByText("github doesn't have it.").first().waitFor();
    must((await page.locator('.way', { hasText: 'Client credentials' }).textContent()).includes('not offered'),
      'it is recommended');
    for (const name of await page.locator('select[name=provider]').locator('option').allTextContents()) {
      await page.locator('select[name=provider]').selectOption(name);
      await page.locator('.lost').waitFor({ state: 'hidden' });
    }
    await page.locator('select[name=server]').selectOption('emulator');
    await fresh('Client credentials');
    await page.getByLabel('Scope', { exact: true }).fill('');
    await page.getByLabel('Scope', { exact: true }).press('Tab');
    await run();
    await page.waitForFunction(() => /^(Done|Ended)/.test(document.querySelector('#status').textContent));
    await page.getByRole('button', { name: 'Build the scope' }).or(page.getByText('Build the scope')).first().click();
    await page.getByRole('button', { name: 'Everything: **' }).click();
    await status('Ready.');
    await fresh('Permanent token');
    const offered = await page.getByLabel('What goes wrong').locator('option').allTextContents();
    must(!offered.includes('Expired token') && !offered.includes('Wrong secret'), offered.join());
    await run();
    await status('Done.');
    must(!(await page.locator('.acts').textContent()).includes('expire'), 'it can be let expire');
    await fresh('Password');
    await page.getByRole('button', { name: 'Fill them in' }).click();
    await page.waitForFunction(() => document.querySelector('input[name=username]').value === 'alice.first');
    await run();
    await status('Done.');
    await page.getByLabel('API path to call').fill('nowhere');
    await page.getByLabel('API path to call').press('Tab');
    await page.getByRole('button', { name: 'Call the API' }).click();
    await status('Ended with a failure.');
    await page.getByLabel('API path to call').fill('organization');
    await page.getByLabel('API path to call').press('Tab');
  },

  // Every label stays between two lifelines, no two lie over each other, and no text is what a program forgot to write.
  async geometry() {
    await fresh('Authorization code');
    await page.getByRole('checkbox', { name: 'Offline access' }).check();
    await run();
    await (await signIn()).answer();
    await status('Done.');
    await page.locator('.fold summary').click();
    await page.locator('.exchange').last().click();
    for (const width of [1440, 1280, 1000, 700, 390]) {
      await page.setViewportSize({ width, height: 844 });
      const wrong = [...await inspect.lanes(page), ...await inspect.words(page)];
      must(wrong.length === 0, `${width}: ${wrong.slice(0, 5).join('; ')}`);
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('checkbox', { name: 'Offline access' }).uncheck();
  },

  // On a phone: Run and what was chosen stay in sight, and tables scroll by themselves.
  async phone() {
    await page.setViewportSize({ width: 390, height: 844 });
    await fresh('Client credentials');
    await run();
    await status('Done.');
    await page.locator('.exchange').first().click();
    await page.locator('.exchange').last().evaluate((node) => node.scrollIntoView({ block: 'center' }));
    for (const id of ['go', 'chosen', 'status']) {
      const box = await page.locator(`#${id}`).boundingBox();
      must(box && box.y >= 0 && box.y + box.height <= 844, `${id} is out of sight`);
    }
    must((await page.locator('#chosen').textContent()) === 'Client credentials', 'another way is named');
    await page.getByRole('button', { name: 'Change' }).click();
    await page.waitForFunction(() => document.querySelector('#choose').getBoundingClientRect().top < 400);
    await page.setViewportSize({ width: 1440, height: 900 });
  },

  // The page notices by itself that the server is gone, and that it is back.
  async gone() {
    await fresh('Client credentials');
    refusals = true;
    await context.setOffline(true);
    await page.getByText("The playground doesn't answer").waitFor();
    await context.setOffline(false);
    await page.locator('#lost').waitFor({ state: 'hidden' });
    refusals = false;
    await run();
    await status('Done.');
  },

  async exports() {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await fresh('Authorization code');
    await page.getByLabel('Who signs in').selectOption('alice.first');
    await page.getByLabel('What goes wrong').selectOption('wrong_verifier');
    await status('Ready.');
    await run();
    await status('Broken');
    const saved = async (name) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
      return (await import('node:fs')).readFileSync(await download.path(), 'utf8');
    };
    const svg = await saved('Save the picture (SVG)');
    refusals = true; // the page's policy holds for what it reads, too
    const parsed = await page.evaluate((text) => {
      const found = new DOMParser().parseFromString(text, 'image/svg+xml');
      return found.querySelector('parsererror')?.textContent ?? found.querySelectorAll('line').length;
    }, svg);
    refusals = false;
    must(parsed >= 3 + 2 * (await rows()).length, `svg: ${parsed}`);
    const markdown = await saved('Save as Markdown');
    must(markdown.startsWith('# Authorization code') && markdown.includes('| `code_verifier` | `***` |') &&
      markdown.includes('invalid_grant'), markdown);
    must(!/eyJ[\w-]{20}/.test(svg + markdown), 'a token is in them');
    const text = await page.locator('#as-text li').allTextContents();
    must(text.some((each) => each.startsWith('Browser to Space: asks the server to sign the user in')),
      text.join('; '));
    await page.getByRole('button', { name: 'Copy a link' }).click();
    await page.getByText('Copied. Open it with').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    must(!link.includes(new URL(url).pathname.replaceAll('/', '')), 'the key is in the link');
    await page.getByLabel('What goes wrong').selectOption('none');
    await fresh('Client credentials');
    await page.goto('about:blank');
    await page.goto(url + new URL(link).hash);
    await page.getByRole('heading', { level: 1, name: 'Authorization code' }).waitFor();
    must(await page.getByLabel('What goes wrong').inputValue() === 'wrong_verifier', 'it was not chosen');
    await page.goto('about:blank');
    await page.goto(url);
    await page.getByLabel('What goes wrong').selectOption('none');
    await page.getByLabel('Who signs in').selectOption('');
  },

  async scope_builder() {
    await fresh('Client credentials');
    await page.getByText('Build the scope').click();
    await page.getByLabel('Context').selectOption('project:key:');
    must(await page.getByRole('checkbox', { name: 'Project.Issues.View', exact: true }).isDisabled(),
      'no name is needed');
    await page.getByLabel('Which').fill('PROJ-01');
    await page.getByLabel('Find a permission').fill('issues.');
    must((await page.locator('.permissions label:visible').count()) < 30, 'nothing was filtered');
    await page.getByRole('checkbox', { name: 'Project.Issues.View', exact: true }).check();
    await page.getByRole('button', { name: 'Remove project:key:PROJ-01:Project.Issues.View' }).waitFor();
    await page.getByLabel('Context').selectOption('global');
    await page.getByLabel('Find a permission').fill('Profile.View');
    await page.getByRole('checkbox', { name: 'Profile.View', exact: true }).check();
    await page.getByRole('button', { name: 'Remove global:Profile.View' }).waitFor();
    const input = page.getByLabel('Scope', { exact: true });
    must((await input.inputValue()) === 'project:key:PROJ-01:Project.Issues.View global:Profile.View',
      await input.inputValue());
    await run();
    await status('Done.');
    must((await page.locator('.claims').first().textContent())
      .includes('project:key:PROJ-01:Project.Issues.View global:Profile.View'), 'not granted');
    await page.getByRole('button', { name: 'Remove global:Profile.View' }).click();
    await page.waitForFunction(() =>
      document.querySelector('input[name=scope]').value === 'project:key:PROJ-01:Project.Issues.View');
    await input.fill('global:Nothing.Here');
    await input.press('Tab');
    await page.getByText("'Nothing.Here' is not a permission").waitFor();
    await page.getByRole('button', { name: 'Everything: **' }).click();
    await page.waitForFunction(() => document.querySelector('input[name=scope]').value === '**');
  },

  async code() {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await fresh('Client credentials');
    await run();
    await status('Done.');
    const pre = page.getByLabel('Code', { exact: true });
    await page.waitForFunction(() =>
      document.querySelector('#code pre').textContent.includes('client:client_credentials'));
    must((await pre.textContent()).includes('client_secret = "***"'), 'not covered');
    await page.getByRole('button', { name: 'As curl' }).click();
    await page.waitForFunction(() =>
      document.querySelector('#code pre').textContent.includes('grant_type=client_credentials'));
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await page.getByText('Copied, with its secrets.').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    must(/client_secret='[0-9a-f]{20,}'/.test(copied), 'the secret is not copied');
    must((await pre.textContent()).includes("client_secret='***'"), 'it was uncovered');
    await page.getByRole('button', { name: 'As Lua' }).click();
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
      for (const width of [1440, 1000, 700, 390]) {
        await page.setViewportSize({ width, height: 900 });
        const wrong = [...await inspect.tree(page), ...await inspect.document_(page)];
        must(wrong.length === 0, `${colorScheme}, ${width}: ${wrong.join('; ')}`);
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByLabel('Who signs in').selectOption('');
  },

  // For docs/playground.md: small, without the pointer, the focus or anything that moves.
  async pictures() {
    const folder = process.env.AIRLOCK_SCREENSHOTS;
    const shoot = async (name, colorScheme, size) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      await page.mouse.move(0, 0);
      await page.evaluate(() => { document.activeElement.blur(); });
      await page.screenshot({ path: `${folder}/${name}.png` });
    };
    await fresh('Authorization code');
    await page.getByLabel('Who signs in').selectOption('alice.first');
    await page.getByRole('checkbox', { name: 'Offline access' }).check();
    await status('Ready.');
    await run();
    await status('Done.');
    await page.locator('.verdict').waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    await shoot('playground', 'light', { width: 1280, height: 800 });
    await shoot('playground-dark', 'dark', { width: 1280, height: 800 });
    await page.getByLabel('What goes wrong').selectOption('wrong_verifier');
    await status('Ready.');
    await run();
    await status('Broken');
    await page.locator('.exchange').last().click();
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.locator('.note.bad').last().evaluate((node) => node.scrollIntoView({ block: 'end' }));
    await page.evaluate(() => scrollBy(0, 24));
    await shoot('playground-broken', 'light', { width: 1280, height: 800 });
    await page.setViewportSize({ width: 400, height: 760 });
    await page.locator('.bar').evaluate((node) => node.scrollIntoView());
    await shoot('playground-narrow', 'light', { width: 400, height: 760 });
    await page.setViewportSize({ width: 1440, height: 900 });
  },

  // A page of another site, which even knows the address with its key, tries to look and to act. The spec sees that
  // nothing came of it.
  async foreign() {
    refusals = true;
    await page.goto(`${process.env.FOREIGN}/?${encodeURIComponent(url)}`);
    await page.waitForFunction(() => document.title.startsWith('tried'), null, { timeout: 15000 });
    must((await page.title()) === 'tried: nothing', await page.title());
    const frame = page.frames().find((each) => each.url().startsWith(url));
    must(!frame || !(await frame.content()).includes('id="choose"'), 'it is shown in a frame');
    await page.goto(url);
    await page.locator('.way').first().waitFor();
    refusals = false;
  },

  async nothing_from_elsewhere() {
    must(foreign.size === 0, [...foreign].join(', '));
  },
};

context.on('weberror', (error) => console.log(`console error: ${error.error().message}`));
let refusals = false; // what a browser refuses to a foreign page it tells the console
page.on('console', (message) => refusals || console.log(`console ${message.type()}: ${message.text()}`));
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
