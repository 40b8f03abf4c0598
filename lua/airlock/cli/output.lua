--- Where results go: standard output, or a file that is there whole or not at all.

local command = require "airlock.command"
local core = require "airlock.core"
local outcome = require "airlock.cli.outcome"

local output = {}
local methods = {}
local meta = { __index = methods }

--- Writes to standard output; a reader that went away ends the command quietly.
---@param text string
function output.write(text)
  local at = 1
  while at <= #text do
    local next_at, why, kind = command.write(text, at)
    if kind == "pipe" then outcome.stop(outcome.pipe) end
    if not next_at then outcome.stop(outcome.store, "can't write to standard output: " .. why) end
    at = next_at
  end
end

local function check(ok, why, path)
  if not ok then outcome.stop(outcome.store, ("can't write '%s': %s"):format(path, why)) end
  return ok
end

--- A place for a result: standard output for nil and "-", else the file of that name.
---@param path string?
---@param private boolean? only this user may read the file
---@return table
function output.to(path, private)
  if path == nil or path == "-" then return setmetatable({}, meta) end
  local file, why = command.file(path, private)
  return setmetatable({ file = check(file, why, path), path = path }, meta)
end

---@param text string
function methods:write(text)
  if not self.file then return output.write(text) end
  local ok, why = self.file:write(text)
  check(ok, why, self.path)
end

--- What was written is all: a file takes its place.
function methods:keep()
  if not self.file then return end
  local ok, why = self.file:keep()
  check(ok, why, self.path)
end

--- Gives up on a file that wasn't kept.
function methods:close()
  if self.file then self.file:close() end
end

--- Whether results go to a terminal, which would do what a text from outside tells it.
---@return boolean
function output.shows()
  return core.columns(1) ~= nil
end

--- A line for the user, or a few, on standard error.
---@param text string
function output.tell(text)
  io.stderr:write("airlock: ", core.printable(text, "lines"), "\n")
end

return output
