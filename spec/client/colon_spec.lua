-- A method that is called with a dot where a colon belongs, or on nothing: the program's line is named, never ours.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"

describe("a method called without its object", function()
  local client = airlock.client { token_endpoint = "http://127.0.0.1:1/t", base_url = "http://127.0.0.1:1/",
    authorization_endpoint = "http://127.0.0.1:1/a", client_id = "a", client_secret = "s",
    redirect_uri = "http://127.0.0.1/callback" }
  local objects = { client = client, session = client:permanent_token "t",
    authorization = client:authorization_code() }

  for class, object in pairs(objects) do
    it("is a mistake at the program's line: of " .. class, function()
      local tried = 0
      for name in pairs(core.classes[class]) do
        local method = name:sub(1, 1) ~= "_" and object[name]
        if type(method) == "function" then
          tried = tried + 1
          for _, given in ipairs { {}, "text", 5 } do
            local message = expect.raise("", function() method(given) end)
            assert.truthy(message:find("^spec/client/colon_spec%.lua:%d+: "), name .. ": " .. message)
          end
          local message = expect.raise("", function() method() end)
          assert.truthy(message:find("^spec/client/colon_spec%.lua:%d+: "), name .. ": " .. message)
        end
      end
      assert.is_true(tried >= 2)
    end)
  end

  it("says to write a colon", function()
    expect.raise("client.client_credentials was called without its client: write client:client_credentials(…)",
      function() client.client_credentials { scope = "a" } end)
    expect.raise("session.logout was called without its session", function() objects.session.logout() end)
    expect.raise("with a colon", function() objects.session.get "path" end)
    expect.raise("with a colon", function() objects.session.info {} end)
  end)

  it("names the program's line for a missing path", function()
    local message = expect.raise("session:get", function() objects.session:get() end)
    assert.truthy(message:find("^spec/client/colon_spec%.lua:%d+: "), message)
  end)
end)
