--- airlock playground: a page to try every way to authorize on.

local outcome = require "airlock.cli.outcome"
local part = require "airlock.cli.part"

local function run(given)
  local port = given.port and tonumber(given.port)
  if given.port and not (port and port % 1 == 0 and port >= 0 and port <= 65535) then
    outcome.stop(outcome.usage, ("--port takes a number from 0 to 65535, not '%s'"):format(given.port))
  end
  local choices, trace
  if given.open and given.open:find "^https?://" then
    choices = require("airlock.playground.link").read(given.open)
    if not choices then
      outcome.stop(outcome.usage, "--open takes a link that a playground gave (with choices behind its #), or a trace")
    end
  else
    trace = given.open
  end
  local ok, why = part("airlock.playground").serve { port = port, open = not given.no_open, choices = choices,
    trace = trace }
  if not ok then outcome.stop(outcome.network, why) end
end

return {
  name = "playground",
  summary = "Open a page to try every way to authorize on",
  details = "Serves a page on this machine and opens a browser: choose a way to authorize, see each message, break it "
    .. "on purpose, and take the "
    .. "code with you. An emulated Space runs inside, so nothing has to be set up. Ctrl-C ends it.",
  options = {
    { "--port", target = "port", value = "N", help = "where it listens (default: a free port)" },
    { "--open", target = "open", value = "LINK|FILE",
      help = "begin with the choices of a link of somebody's playground, or draw a trace (AIRLOCK_TRACE=FILE)" },
    { "--no-open", target = "no_open", help = "print the address, and open nothing" },
  },
  examples = { { "airlock playground", "opens the page" },
    { "airlock playground --open trace.jsonl", "draws what a program did, which ran with AIRLOCK_TRACE=trace.jsonl" } },
  run = run,
}
