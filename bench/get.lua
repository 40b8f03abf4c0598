-- Sequential authenticated GETs of 1 KB: get.lua ORIGIN COUNT [json]
-- With "json" the body is decoded too (session:get); without, it is what bench/plain.c does (session:request).
local airlock = require "airlock"

local origin, count, json = arg[1], tonumber(arg[2]), arg[3] == "json"
local client = airlock.client {
  token_endpoint = origin .. "/token", base_url = origin .. "/", client_id = "bench", client_secret = "secret",
}
local session = client:client_credentials()
local ok = 0
for _ = 1, count do
  if json then
    local value = session:get "1k.json"
    if value and value.name then ok = ok + 1 end
  else
    local response = session:request { url = "1k.json" }
    if response and response.status == 200 and #response.body > 1000 then ok = ok + 1 end
  end
end
if ok ~= count then
  io.stderr:write(("get.lua: only %d of %d answers were good\n"):format(ok, count))
  os.exit(1)
end
