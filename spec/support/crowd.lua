--- Many processes of this Lua at a time, which begin together; whatever serves them runs in this one meanwhile.

local core = require "airlock.core"
local poll = require "airlock.loop.poll"
local stage = require "spec.support.stage"

local crowd = {}

local header = [[
package.path, package.cpath = %q, %q
local airlock, core = require "airlock", require "airlock.core"
local number, folder = %d, %q
local function exists(path)
  local file = io.open(path, "rb")
  if file then file:close() end
  return file ~= nil
end
local function touch(name, text)
  local file = assert(io.open(folder .. "/" .. name .. ".part", "wb"))
  file:write(text or "")
  file:close()
  assert(os.rename(folder .. "/" .. name .. ".part", folder .. "/" .. name))
end
touch("ready." .. number, "")
while not exists(folder .. "/go") do core.wait(0.002) end
local ok, said = pcall(function(...)
%s
end, number)
touch("said." .. number, tostring(said))
]]

local function exists(path)
  return stage.read(path) ~= nil
end

local object = {}
object.__index = object

-- The first that hasn't left that file behind.
local function first_without(self, what)
  for i = 1, self.n do
    if not exists(("%s/%s.%d"):format(self.folder, what, i)) then return i end
  end
end

-- Serves whoever asks until all have left that file behind.
local function until_all(self, what, seconds)
  local stop = core.now() + seconds
  while first_without(self, what) and core.now() < stop do poll.run(0.01) end
  return not first_without(self, what)
end

--- Starts n processes that run this code; each has `airlock`, `core` and its `number`, and waits for `go`.
---@param n integer
---@param code string a function's body; what it returns, as text, is what the process said
---@param before? string shell words before the interpreter
---@return table crowd
function crowd.start(n, code, before)
  local self = setmetatable({ n = n, folder = stage.folder(), pids = {} }, object)
  local lua = os.getenv "AIRLOCK_LUA" or "lua"
  os.execute("chmod 777 '" .. self.folder .. "'") -- whoever they run as
  for i = 1, n do
    local path = ("%s/code.%d.lua"):format(self.folder, i)
    stage.write(path, header:format(package.path, package.cpath, i, self.folder, code))
    local command = ("%s %s '%s' '%s' </dev/null >'%s/out.%d' 2>&1 & echo $!"):format(before or "",
      os.getenv "AIRLOCK_UNDER" or "", lua, path, self.folder, i)
    self.pids[i] = tonumber((stage.shell(command)))
  end
  stage.keep(function() self:kill() end)
  if not until_all(self, "ready", 60) then
    local i = first_without(self, "ready") or 1
    error(("process %d of %d didn't start: %s"):format(i, n, stage.read(("%s/out.%d"):format(self.folder, i)) or ""))
  end
  return self
end

--- Lets them begin.
function object:go()
  stage.write(self.folder .. "/go", "")
end

--- What process i said, or nil: it hasn't yet.
function object:said(i)
  return stage.read(("%s/said.%d"):format(self.folder, i))
end

--- Waits until all have said something, and gives the list of it.
---@param seconds? number
function object:wait(seconds)
  until_all(self, "said", seconds or 60)
  local said = {}
  for i = 1, self.n do
    said[i] = self:said(i)
    if said[i] then self.pids[i] = nil -- it ends by itself, and its number may soon be another's
    else said[i] = "silent: " .. (stage.read(("%s/out.%d"):format(self.folder, i)) or "") end
  end
  return said
end

--- Sends them a signal (default: the one that can't be caught).
---@param signal? string
function object:kill(signal)
  for _, pid in pairs(self.pids) do os.execute(("kill -%s %d 2>/dev/null"):format(signal or "KILL", pid)) end
  if not signal then self.pids = {} end
end

--- Ends those that are left, and removes what they wrote.
function object:clear()
  self:kill()
  os.execute("rm -rf '" .. self.folder .. "'")
end

--- Starts them, lets them begin, waits, and gives what they said.
function crowd.run(n, code, before)
  local self = crowd.start(n, code, before)
  self:go()
  local said = self:wait()
  self:clear()
  return said
end

return crowd
