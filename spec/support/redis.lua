--- A redis-server for a spec, on a free port of this machine; it keeps nothing.

local core = require "airlock.core"
local server = require "airlock.server"
local stage = require "spec.support.stage"

local redis = {}

-- Debian has lua-redis for Lua 5.1 to 5.3; its text runs under 5.4 as well.
local find = [[pcall(require, "redis")
  or pcall(function() package.loaded.redis = dofile "/usr/share/lua/5.3/redis.lua" end)]]

--- Whether this machine has the server, and this Lua a client of it.
---@return boolean
function redis.here()
  return stage.shell("command -v redis-server") ~= "" and (loadstring
    or load)("return " .. find)() -- luacheck: ignore 113
end

local function free_port()
  local listener = assert(server.listen { handler = function() end })
  local port = listener:port()
  listener:close()
  return port
end

--- Starts one; it ends with the stage.
---@return integer port
function redis.start()
  local port, folder = free_port(), stage.folder()
  local pid = tonumber((stage.shell(("redis-server --port %d --bind 127.0.0.1 --save '' --appendonly no "
    .. "--dir '%s' >'%s/log' 2>&1 & echo $!")
    :format(port, folder, folder))))
  stage.keep(function() os.execute(("kill %d 2>/dev/null"):format(pid)) end)
  local stop = core.now() + 20
  repeat
    local ok, client = pcall(require("redis").connect, "127.0.0.1", port)
    if ok and pcall(client.ping, client) then
      client:quit()
      return port
    end
    core.wait(0.02)
  until core.now() > stop
  error("redis-server didn't start: " .. (stage.read(folder .. "/log") or ""))
end

--- Code that opens the example's store there, as `store`.
---@param port integer
---@return string
function redis.code(port)
  return "local _ = " .. find .. ([[

    local connection = require "redis".connect("127.0.0.1", %d)
    local store = dofile "examples/redis/store.lua" (function(...) return connection:eval(...) end)
  ]]):format(port)
end

return redis
