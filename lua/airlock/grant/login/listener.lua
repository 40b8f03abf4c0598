--- Listens at this machine for the redirect of a login (RFC 8252 section 7.3), and answers the browser that brings it.

-- spec: spec/grant/user_login_spec.lua

local compat = require "airlock.compat"
local core = require "airlock.core"
local page = require "airlock.grant.login.page"
local poll = require "airlock.loop.poll"

local listener = {}

--- Where to listen: what is registered, if it leads to this machine, else any free port.
---@param redirect_uri string
---@param options table `host` and `port` of client:login
---@param whose string begins the messages of mistakes
---@return { name: string, address: string, port: integer, path: string } place
function listener.place(redirect_uri, options, whose)
  local host, port, path = redirect_uri:match "^http://(%[[%x:]+%]):?(%d*)(/[^?#]*)$"
  if not host then host, port, path = redirect_uri:match "^http://([%w.-]+):?(%d*)(/[^?#]*)$" end
  local known = { ["127.0.0.1"] = "127.0.0.1", ["localhost"] = "127.0.0.1", ["[::1]"] = "::1" }
  if not host or not known[host] then
    core.mistake((
      "%s: the client's option 'redirect_uri' must be http://127.0.0.1, http://localhost or http://[::1] with a path, "
        .. "not another machine"
    ):format(whose))
  end
  if options.host and not (options.host == "127.0.0.1" or options.host == "::1" or options.host == "localhost") then
    core.mistake(whose .. ": option 'host' must be 127.0.0.1, localhost or ::1")
  end
  if options.host then host = options.host == "::1" and "[::1]" or options.host end
  return { name = host, address = known[host], port = options.port or tonumber(port) or 0, path = path }
end

-- `state` of a request for our path; false for an error without one, as some servers send; nil for anything else:
-- favicons, scanners, prefetches and stale tabs don't end a login.
local function state_of(exchange, path)
  if exchange.method ~= "GET" or exchange.path ~= path or not exchange.query then return nil end
  local purpose = exchange.headers.purpose or exchange.headers["sec-purpose"]
  if purpose and purpose:find "prefetch" then return nil end
  local state = ("&" .. exchange.query):match "&state=([^&]*)"
  if not state and ("&" .. exchange.query):find "&error=[^&]" then return false end
  if not state then return nil end
  return (state:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- The browser's page waits for what comes of it: a token, or a failure.
local function answer(exchange, path, login)
  local state = state_of(exchange, path)
  local ours = state and login:awaits(state) or state == false
  if not ours or login.redirect then return exchange:reply(page.elsewhere()) end
  login:came(exchange.target, exchange)
end

-- What stands beside the engine: where the host drops the coroutine that waits, it goes with the next step.
local function door_of(server)
  local owner = setmetatable({ compat.running() }, { __mode = "v" })
  local owned = owner[1] ~= nil
  local door = { fd = function() return server:fd() end, close = function() server:close() end }
  function door.step()
    if not owned or owner[1] then return server:step() end
    poll.remove(door)
    server:close()
  end
  return door, server:port()
end

-- A build with SERVER=no has nothing to listen with, but logs users in all the same.
local unheard = "client:login needs the module airlock.server, which is left out where Airlock is built without "
  .. "libmicrohttpd. Without it, take client:authorization_code, have the address pasted that the browser ends at, and "
  .. "give it to authorization:finish. Lua says: "

-- A browser needs few, and not for long: nobody else on this machine is to take all descriptors.
local connections, idle = 16, 10 -- idle: seconds

--- Begins to listen.
---@param place table of listener.place
---@param login table with `awaits(state)`, `came(redirect, exchange)`, and `redirect` once that came
---@return airlock.pollable? door to put beside the engine, and to close
---@return integer|string port or why it can't listen
function listener.open(place, login)
  local ok, server = pcall(require, "airlock.server")
  if not ok then core.mistake(unheard .. tostring(server)) end
  local made, why = server.listen {
    host = place.address, port = place.port, connections = connections, idle = idle,
    handler = function(exchange) answer(exchange, place.path, login) end,
  }
  if not made then return nil, why end
  return door_of(made)
end

return listener
