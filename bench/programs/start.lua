-- A script as cron would start it: reads the token that an earlier run left in a store, and makes one request.
--
--   start.lua ORIGIN FOLDER
local airlock = require "airlock"

local origin, folder = arg[1], arg[2]
local session = airlock.client {
  token_endpoint = origin .. "/token", base_url = origin .. "/", client_id = "bench", client_secret = "secret",
    store = folder,
}:client_credentials()
assert(assert(session:get "1k.json").name)
