-- Connections are kept as long as they are of use.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local stage = require "spec.support.stage"

-- Each answer is the number that nginx gave to the connection; the slow one takes a third of a second, for all to be in flight at once.
local numbers = ([[
    location = /token { return 200 '{"access_token":"t","token_type":"Bearer","expires_in":3600}'; }
    location = /number { return 200 '{"connection":$connection}'; }
    location = /slow { limit_rate 3000; return 200 '{"connection":$connection}%s'; }
]]):format((" "):rep(4000))

local function app(server)
  return airlock.client { token_endpoint = server.http .. "/token", base_url = server.http, client_id = "c", client_secret = "s" }:client_credentials()
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

  it("serve one request after the other", function()
    local session = app(nginx.start(numbers))
    local first = session:get "number".connection
    for _ = 1, 20 do assert.equal(first, session:get "number".connection) end
  end)
end)
