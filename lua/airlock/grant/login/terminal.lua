--- The terminal's side of a login: says where to log in, takes an address that is pasted, and shows
--- how long it waits.

-- spec: spec/grant/progress_spec.lua

local core = require "airlock.core"
local poll = require "airlock.loop.poll"
local progress = require "airlock.progress"

local terminal = {}

--- Lines that are typed at standard input, as what stands beside the engine; nil where nobody types.
---@return airlock.pollable?
function terminal.open()
  return require("airlock.server").terminal()
end

--- Says where to log in.
---@param url string
---@param typed boolean whether an address can be pasted here
function terminal.tell(url, typed)
  io.stderr:write("To log in, open this page in a browser:\n\n  ", core.printable(url), "\n\n")
  if typed then io.stderr:write "If that browser is on another machine, paste the address it ends at here:\n" end
  io.stderr:flush()
end

--- Takes the lines that were typed so far.
---@param lines userdata? of terminal.open
---@param paste fun(address: string): boolean whether it was the redirect
function terminal.read(lines, paste)
  local line = lines and lines:line()
  while line do
    if paste(line) then return end
    if line:find "%S" then io.stderr:write "That isn't the address this login waits for.\n" end
    line = lines:line()
  end
end

--- Steps until the redirect has come or the time is over; at a terminal a line says how much is left.
---@param line table? of progress.line
---@param seconds number
---@param come fun(): boolean
function terminal.watch(line, seconds, come)
  if not line then return poll.run(seconds, come) end
  local deadline = core.now() + seconds
  while not come() and core.now() < deadline do
    line:show(("Waiting for the browser (%s left) "):format(progress.span(deadline - core.now())))
    poll.run(math.min(0.5, deadline - core.now()), come)
  end
  line:clear()
end

return terminal
