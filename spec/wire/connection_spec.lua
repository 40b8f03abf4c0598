-- Connections are kept as long as they are of use.

local airlock = require "airlock"
local crowd = require "spec.support.crowd"
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local stage = require "spec.support.stage"

-- Each answer is the number that nginx gave to the connection; the slow one takes a third of a second, for all to be in
-- flight at once.
local numbers = ([[
    location = /token { return 200 '{"access_token":"t","token_type":"Bearer","expires_in":3600}'; }
    location = /number { return 200 '{"connection":$connection}'; }
    location = /active { return 200 '{"active":$connections_active}'; }
    location = /slow { limit_rate 3000; return 200 '{"connection":$connection}%s'; }
]]):format((" "):rep(4000))

local function app(server)
  return airlock.client { token_endpoint = server.http .. "/token", base_url = server.http, client_id = "c",
    client_secret = "s" }:client_credentials()
end

local function distinct(session, times)
  local paths, seen = {}, {}
  for i = 1, times do paths[i] = "slow" end
  for _, response in ipairs(expect.success(session:all(paths))) do
    seen[response:json().connection] = true
  end
  return seen
end

describe("connections", function()
  after_each(stage.clear)

  it("are as many as requests in flight, however many, and serve the next ones too", function()
    local session = app(nginx.start(numbers))
    local before = distinct(session, 150)
    local after = distinct(session, 150)
    local made = 0
    for number in pairs(after) do
      if not before[number] then made = made + 1 end
    end
    assert.is_true(made < 10, made .. " connections were made anew for 150 requests")
  end)

  it("that only a crowd of requests needed are closed once none came for a minute", function()
    if (os.getenv "AIRLOCK_UNDER" or "") ~= "" then pending "the tool around it has preloaded something else" end
    local server, clock = nginx.start(numbers), stage.folder() .. "/clock"
    stage.write(clock, "0\n")
    local counts = crowd.run(1, ([[
      local session = airlock.client { token_endpoint = %q .. "/token", base_url = %q, client_id = "c",
        client_secret = "s", max_connections = 192 }:client_credentials()
      local paths, counts = {}, {}
      for i = 1, 150 do paths[i] = "slow" end
      local function count() counts[#counts + 1] = ("%%d"):format(assert(session:get "active").active) end
      assert(session:all(paths))
      count()
      local file = assert(io.open(%q, "wb"))
      file:write "61\n"
      file:close()
      for _ = 1, 4 do count() end
      return table.concat(counts, " ")
    ]]):format(server.http, server.http, clock),
      ("env BOOT_CLOCK='%s' LD_PRELOAD='%s/skewed.so'"):format(clock, os.getenv "AIRLOCK_BUILD"))[1]
    local before, after = counts:match "^(%d+) .- (%d+)$"
    assert.is_true(tonumber(before) >= 150, counts)
    assert.is_true(tonumber(after) <= 65, counts)
  end)

  it("serve one request after the other", function()
    local session = app(nginx.start(numbers))
    local first = session:get "number".connection
    for _ = 1, 20 do assert.equal(first, session:get "number".connection) end
  end)
end)
