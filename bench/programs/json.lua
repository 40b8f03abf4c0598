-- JSON without a request: decoding and encoding a list of issues as APIs give them.
--
--   json.lua COUNT ours|cjson decode|encode BYTES     prints as airlock.lua does
local core = require "airlock.core"

local count, whose, what, bytes = tonumber(arg[1]), arg[2], arg[3], tonumber(arg[4])
local codec = whose == "ours" and core.json or require "cjson".new()

local issue = '{"id":%d,"number":%d,"title":"Fix the thing %d in the room","state":"open","locked":false,"score":%.2f,'
  .. '"user":{"login":"user%d","id":%d,"url":"https://api.example.com/users/user%d","admin":true},'
  .. '"labels":["bug","urgent"],"assignee":null,"created_at":"2026-01-%02dT10:00:00Z"}'

local function document()
  local list, n = {}, 0
  while n < bytes do
    local i = #list + 1
    list[i] = issue:format(1e9 + i, i, i, i / 7, i % 50, i % 50, i % 50, i % 28 + 1)
    n = n + #list[i] + 1
  end
  return "[" .. table.concat(list, ",") .. "]"
end

local given = document()
if what == "encode" then given = codec.decode(given) end
local f = codec[what]
for _ = 1, math.ceil(count / 10) do f(given) end
local cpu, wall = os.clock(), core.now()
for _ = 1, count do f(given) end
print(("%.0f %.0f 0"):format((os.clock() - cpu) * 1e6, (core.now() - wall) * 1e6))
