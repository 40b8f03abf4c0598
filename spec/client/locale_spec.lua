-- A program may set a locale whose decimal point is a comma, or in which 'i' isn't the small letter of 'I': the text of
-- a protocol stays what it is.

local crowd = require "spec.support.crowd"
local stage = require "spec.support.stage"

describe("a program's locale", function()
  after_each(stage.clear)

  -- A folder with locales of that language, or nil and why there is none.
  local function locales(name, charset)
    local folder = stage.folder()
    local said = stage.shell(("localedef -i %s -f %s '%s/%s' 2>&1; echo; ls '%s/%s'/LC_NUMERIC 2>/dev/null")
      :format(name,
      charset, folder, name, folder, name))
    if not said:find "LC_NUMERIC" then return nil, "localedef has no " .. name .. ": " .. said end
    return folder
  end

  -- What such a process says: `code` is a function's body with `url`, after the locale was set.
  local function run(name, charset, url, code)
    local folder, why = locales(name, charset)
    if not folder then return pending(why) end
    return crowd.run(1, ("local url, locale = %q, %q\n"):format(url, name) .. [[
      assert(os.setlocale(locale) == locale, "the locale can't be set")
    ]] .. code, ("env LOCPATH='%s'"):format(folder))[1]
  end

  local function echo(x)
    local seen = { target = x.target, body = x.body, type = x.headers["content-type"], odd = x.headers["x-number"] }
    x:reply { headers = { ["Content-Type"] = "application/json", ["LINK"] = '<' .. "/next" .. '>; rel="NEXT"',
      ["X-INFO-ID"] = "found" }, body = ('{"half":1.5,"list":[0.25],"seen":%q}'):format(
      ("%s|%s|%s|%s"):format(seen.target, seen.body or "", tostring(seen.type), tostring(seen.odd)):gsub('"', "'")) }
  end

  for name, charset in pairs { de_DE = "ISO-8859-1", tr_TR = "ISO-8859-9" } do
    it("with a decimal comma leaves numbers of queries, forms, headers and JSON as they are: " .. name, function()
      local url = stage.server(echo)
      local said = run(name, charset, url, [[
        local session = airlock.client { base_url = url }:permanent_token "p"
        local found, message = session:get("a", { number = 1.5, whole = 3.0, list = { 0.25 } })
        if not found then return message end
        local more = assert(session:request { method = "POST", url = "b", json = { x = 1.5 },
          headers = { ["X-Number"] = 2.5 } }):json()
        local form = assert(session:request { method = "POST", url = "c", form = { y = 0.5 } }):json()
        return table.concat({ tostring(found.half == 1.5 and found.list[1] == 0.25), found.seen, more.seen, form.seen },
          "\n")
      ]])
      if not said then return end
      local lines = {}
      for line in (said .. "\n"):gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
      assert.equal("true", lines[1], said)
      assert.truthy(lines[2]:find("/a?list=0.25&number=1.5&whole=3|", 1, true), said)
      assert.truthy(lines[3]:find("{'x':1.5}", 1, true), said)
      assert.truthy(lines[3]:find("|2.5", 1, true), said)
      assert.truthy(lines[4]:find("y=0.5", 1, true), said)
    end)
  end

  it("of Turkey changes no name of a header, of a scheme or of a token's type", function()
    local url = stage.server(function(x)
      if x.path == "/token" then
        return x:reply { body = '{"access_token":"t","token_type":"BEARER","expires_in":60.5}' }
      end
      echo(x)
    end)
    local said = run("tr_TR", "ISO-8859-9", url, [[
      local client = airlock.client { base_url = url:gsub("^http", "HTTP"), token_endpoint = url .. "/token",
        client_id = "I", client_secret = "i" }
      local response, message = client:client_credentials():request { url = "a", headers = { ["IF-Match"] = "i",
        ["CONTENT-TYPE"] = "text/plain" }, body = "I" }
      if not response then return message end
      local headers = response.headers
      return table.concat({ headers["X-Info-Id"], headers["x-info-id"], headers["X-INFO-ID"], headers.link,
        response:json().seen, core.lower "IÇ" }, "\n")
    ]])
    if not said then return end
    assert.equal('found\nfound\nfound\n</next>; rel="NEXT"\n/a|I|text/plain|nil\ni\195\135', said)
  end)
end)
