--- airlock doctor: looks at everything that a token depends on, and says the next step in words.

local checkup = require "airlock.cli.checkup"
local core = require "airlock.core"
local output = require "airlock.cli.output"
local settings = require "airlock.cli.settings"
local transfer = require "airlock.cli.transfer"

local colours = { good = "\27[32m", note = "\27[33m", bad = "\27[31m" }

local function row(verdict, name, text, coloured)
  local mark = coloured and colours[verdict] .. verdict .. "\27[0m" or verdict
  return ("%s%s %s: %s\n"):format(mark, (" "):rep(4 - #verdict), name, core.printable(text))
end

local function run(given)
  local coloured, first = transfer.coloured(), nil
  local state = { made = settings.read(given) }
  for _, name in ipairs(checkup.order) do
    local verdict, text, step, code = checkup[name](state)
    if state.line then state.line:clear() end
    if verdict then output.write(row(verdict, name, text, coloured)) end
    if verdict == "bad" then
      output.write("     next step: " .. core.printable(step) .. "\n")
      first = first or code
      if name == "client" then break end -- nobody to ask
    end
  end
  return first
end

return settings.with {
  name = "doctor",
  summary = "Look at what a token depends on, and say what to do",
  details = "Looks at the configuration, where secrets come from, the server and its certificate, the clock, what the "
    .. "server says of itself, the "
    .. "redirect URI, the browser and the store. Each line is good, a note, or bad; what is bad has the next step "
    .. "below it. The exit code is that of the "
    .. "first that is bad. No secret is shown, and no token is asked for.",
  options = {},
  examples = { { "airlock doctor --profile work", "what stands in the way of this profile" } },
  run = run,
}
