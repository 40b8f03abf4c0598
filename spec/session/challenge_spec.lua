-- What the WWW-Authenticate fields of an answer say.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local raw = require "spec.support.raw"

local function read(...)
  local lines = {}
  for i, field in ipairs { ... } do lines[i] = "WWW-Authenticate: " .. field .. "\r\n" end
  return core.challenges("HTTP/1.1 401 No\r\n" .. table.concat(lines) .. "\r\n")
end

describe("challenges", function()
  it("are read with their parameters, quoted or not", function()
    assert.same({ { scheme = "Bearer", realm = "a, b", error = "invalid_token", scope = "x y",
      resource_metadata = "https://api.example/.well-known/oauth-protected-resource" } },
      read([[Bearer realm="a, b", error=invalid_token,scope = "x y" ,RESOURCE_METADATA=]]
        .. [["https://api.example/.well-known/oauth-protected-resource"]]))
    assert.same({ { scheme = "Bearer" } }, read "Bearer")
    assert.same({ { scheme = "Bearer", a = [[q"u\o]], b = "" } }, read([[Bearer a="q\"u\\o", b=""]]))
  end)

  it("may be several in one field, and in several fields", function()
    local wanted = { { scheme = "Newauth", realm = "apps", type = "1", title = [[Login to "apps"]] },
      { scheme = "Basic", realm = "simple" }, { scheme = "Negotiate" }, { scheme = "DPoP", algs = "ES256 RS256" } }
    assert.same(wanted, read([[Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple"]],
      [[Negotiate, DPoP algs="ES256 RS256"]]))
    assert.same(wanted, read([[, Newauth realm="apps",, type=1, title="Login to \"apps\"" , ,Basic realm="simple", ]]
      .. [[Negotiate , DPoP algs="ES256 RS256",]]))
  end)

  it("may have a token68 in place of parameters", function()
    assert.same({ { scheme = "Negotiate", token68 = "YWJj+/-._~==" }, { scheme = "Bearer", realm = "x" } },
      read "Negotiate YWJj+/-._~==, Bearer realm=x")
    assert.same({ { scheme = "NTLM", token68 = "abc" } }, read "NTLM   abc  ")
    assert.same({ { scheme = "Bearer", a = "b" } }, read "Bearer token68=x, a=b")
  end)

  it("that nobody can read harm no others", function()
    assert.same({ { scheme = "Bearer", realm = "x" } }, read([[="a, Basic x=y", @@ "b, c", Bearer realm=x]]))
    assert.same({ { scheme = "Bearer", realm = "x", a = "b" } }, read([[Bearer realm="x" a="b", realm="second"]]))
    assert.same({ { scheme = "Bearer", scope = "open, Basic" } }, read([[Bearer scope="open, Basic]]))
    assert.same({ { scheme = "Bearer" }, { scheme = "Basic" } }, read([[Bearer scheme="Basic", Basic]]))
    assert.same({}, read([[realm="x", error=y]]))
    assert.same({}, read "")
    assert.same({}, core.challenges "HTTP/1.1 401 No\r\nX: Bearer\r\n\r\n")
  end)

  it("are in the response and in the failure, of a 401 or 403 alone", function()
    for status, there in pairs { [200] = false, [401] = true, [403] = true, [404] = false } do
      local url = raw.listen(("HTTP/1.1 %d X\r\n"
        .. "WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"a b\"\r\n"
        .. "WWW-Authenticate: Basic realm=x\r\nContent-Length: 2\r\n\r\n{}"):format(status))
      local session = airlock.client { base_url = url }:permanent_token "t"
      local wanted = there and { { scheme = "Bearer", error = "insufficient_scope", scope = "a b" },
        { scheme = "Basic", realm = "x" } } or nil
      local response = expect.success(session:request { url = "a" })
      assert.same(wanted, response.challenges)
      assert.equal(response.challenges, response.challenges)
      if status > 299 then
        local detail = expect.failure({ status = status }, session:get "a")
        assert.same(wanted, detail.challenges)
        assert.equal(detail.challenges, detail.response.challenges)
      end
    end
  end)
end)
