--- The looks of the pages: /emulator.css. Light and dark, narrow and wide; no script, no picture from elsewhere.

return [[
:root {
  color-scheme: light dark;
  --ground: #eef0f4; --card: #fff; --text: #1b1d22; --soft: #5a606b; --line: #d5d9e0; --field: #fff;
    --field-line: #868d9a;
  --accent: #3056d3; --on-accent: #fff; --accent-strong: #2344ad; --bad: #b3261e; --bad-ground: #fdecea;
    --code: #f3f4f7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14161a; --card: #1e2127; --text: #e9ebef; --soft: #a4abb8; --line: #343943; --field: #15171b;
      --field-line: #6d7584;
    --accent: #8ba6ff; --on-accent: #10131c; --accent-strong: #a9bdff; --bad: #ffb4ab; --bad-ground: #3a1c1a;
      --code: #272b33;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 2rem 1rem; display: flex; justify-content: center; align-items: center;
  background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue",
    Arial, sans-serif;
}
main {
  width: 100%; max-width: 27rem; padding: 2rem; background: var(--card); border: 1px solid var(--line);
    border-radius: .9rem;
  box-shadow: 0 .5rem 2rem rgba(0, 0, 0, .08); overflow-wrap: anywhere;
}
header { display: flex; align-items: center; gap: .75rem; padding-bottom: 1.25rem; margin-bottom: 1.5rem;
  border-bottom: 1px solid var(--line); }
header svg { flex: none; width: 2.5rem; height: 2.5rem; color: var(--accent); }
header p { margin: 0; line-height: 1.3; }
header .slogan { color: var(--soft); font-size: .875rem; }
.organization { font-weight: 600; }
h1 { margin: 0 0 .5rem; font-size: 1.375rem; line-height: 1.3; }
p { margin: 0 0 1rem; }
.soft, .who { color: var(--soft); font-size: .9375rem; }
ul.permissions { margin: 0 0 1.5rem; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: .5rem;
  }
ul.permissions li { padding: .625rem .875rem; }
ul.permissions li + li { border-top: 1px solid var(--line); }
ul.permissions span { display: block; color: var(--soft); font-size: .875rem; }
ul.permissions code { display: inline-block; margin-top: .25rem; }
code { padding: .1em .3em; background: var(--code); border-radius: .25rem; font: .8125rem/1.4 ui-monospace, Menlo,
  Consolas, monospace; }
.bad { padding: .625rem .875rem; background: var(--bad-ground); color: var(--bad); border-radius: .5rem; }
label { display: block; margin-bottom: .25rem; font-weight: 500; }
input {
  display: block; width: 100%; margin-bottom: 1.125rem; padding: .6rem .75rem; border: 1px solid var(--field-line);
    border-radius: .5rem;
  background: var(--field); color: inherit; font: inherit;
}
input.code { font: 1.25rem/1.4 ui-monospace, Menlo, Consolas, monospace; letter-spacing: .1em;
  text-transform: uppercase; }
.buttons { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: .75rem; }
button {
  flex: 1 1 8rem; padding: .65rem 1.25rem; border: 1px solid var(--field-line); border-radius: .5rem;
    background: transparent; color: inherit;
  font: inherit; font-weight: 600; cursor: pointer;
}
button.first { border-color: var(--accent); background: var(--accent); color: var(--on-accent); }
button.first:hover { border-color: var(--accent-strong); background: var(--accent-strong); }
button.plain { flex: none; padding: 0; border: 0; color: var(--accent); font-weight: 500; text-decoration: underline; }
button:not(.first):not(.plain):hover { background: var(--code); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
footer { margin-top: 1.5rem; color: var(--soft); font-size: .8125rem; text-align: center; }
@media (max-width: 26rem) {
  body { padding: 0; align-items: stretch; background: var(--card); }
  main { padding: 1.25rem; border: 0; border-radius: 0; box-shadow: none; }
}
]]
