-- A client that has no token in memory, and finds one in the file store: configuration, session and token, again and
-- again.
--
--   stored.lua ORIGIN COUNT FOLDER     prints: microseconds of CPU, of wall clock, KiB of Lua memory
local airlock = require "airlock"

local origin, count, folder = arg[1], tonumber(arg[2]), arg[3]
local now = require "airlock.core".now

-- Clients that are configured alike share a token in memory: so each has something that no other has.
local function find(i)
  local client = airlock.client { token_endpoint = origin .. "/token", base_url = origin .. "/", client_id = "bench",
    client_secret = "secret", store = folder, introspection_endpoint = origin .. "/" .. i }
  assert(client:client_credentials():token())
end

find(0) -- it is there from now on
local cpu, wall = os.clock(), now()
for i = 1, count do find(i) end
print(("%.0f %.0f %.0f"):format((os.clock() - cpu) * 1e6, (now() - wall) * 1e6, collectgarbage "count"))
