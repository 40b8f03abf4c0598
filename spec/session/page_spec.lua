local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("page", function()
  after_each(stage.clear)

  local function collect(session, ...)
    local names = {}
    for item in session:each(...) do names[#names + 1] = type(item) == "table" and item.name or item end
    return names
  end

  -- A Space's list made by hand: one body after the other, then empty pages; and the $skip values that were asked for.
  local function lists(bodies)
    local skips, n = {}, 0
    local url = stage.server(function(x)
      n = n + 1
      skips[n] = (x.query or ""):match "%%24skip=([^&]*)" or "none"
      local body = bodies[n] or { next = "", data = {} }
      x:reply { body = type(body) == "string" and body or core.json.encode(body):gsub('"data":{}', '"data":[]') }
    end)
    return airlock.space({ url = url, client_id = "i" }):permanent_token "p", skips
  end

  it("gives all items of a list, page after page", function()
    local space = stage.space()
    local app = stage.app(space)
    local names = collect(app, "projects", { ["$top"] = 10, ["$fields"] = "name" })
    assert.equal(25, #names)
    assert.same({ "Project 1", "Project 10", "Project 25" }, { names[1], names[10], names[25] })
  end)

  it("asks for pages only as they are needed", function()
    local space = stage.space()
    local app = stage.app(space)
    local n = 0
    for _ in app:each("projects", { ["$top"] = 5 }) do
      n = n + 1
      if n == 7 then break end
    end
    assert.equal(2, space:count "/api/http/projects")
    app:each "projects" -- asks nobody by itself
    assert.equal(2, space:count "/api/http/projects")
  end)

  it("leaves the program's table as it is", function()
    local space = stage.space()
    local parameters = { ["$top"] = 10 }
    assert.equal(25, #collect(stage.app(space), "projects", parameters))
    assert.same({ ["$top"] = 10 }, parameters)
  end)

  it("takes next as text or number, and ends where it is empty, missing, null or stands still", function()
    for _, last in ipairs { { data = { "b" } }, { data = { "b" }, next = "" }, { data = { "b" }, next = airlock.null },
      { data = { "b" }, next = "1" } } do
      local session, skips = lists { { data = { "a" }, next = 1 }, last }
      assert.same({ "a", "b" }, collect(session, "x"))
      assert.same({ "none", "1" }, skips)
    end
  end)

  it("ends with an empty page, whatever next says", function()
    local session, skips = lists { { data = { "a" }, next = "1" }, { data = {}, next = "7" }, { data = { "never" } } }
    assert.same({ "a" }, collect(session, "x"))
    assert.same({ "none", "1" }, skips)
  end)

  it("gives a list that comes whole", function()
    assert.same({ "a", "b" }, collect(lists { '["a","b"]' }, "x"))
    assert.same({}, collect(lists { "[]" }, "x"))
    local session = stage.api(function(x) x:reply { body = '["a"]' } end)
    assert.same({ "a" }, collect(session, "x"))
  end)

  it("gives null items as what they are", function()
    assert.same({ airlock.null, "b" }, collect(lists { '{"data":[null,"b"]}' }, "x"))
  end)

  it("starts where the program says", function()
    local space = stage.space()
    assert.equal(5, #collect(stage.app(space), "projects", { ["$skip"] = 20, ["$top"] = 3 }))
  end)

  it("renews the token between pages", function()
    local space = stage.space { token_lifetime = 100 }
    local app = stage.app(space)
    local n = 0
    for _ in app:each("projects", { ["$top"] = 5 }) do
      n = n + 1
      if n % 5 == 0 then
        core.advance(101)
        space:advance(101)
      end
    end
    assert.equal(25, n)
    assert.equal(6, space:count "/oauth/token")
  end)

  it("raises a failure on the way as a table that reads as its message", function()
    local space = stage.space()
    local app = stage.app(space)
    expect.success(app:token())
    local n = 0
    local ok = pcall(function()
      for _ in app:each("projects", { ["$top"] = 10 }) do
        n = n + 1
        if n == 10 then
          space:fault { path = "projects", status = 403,
            body = '{"error":"permission-denied","error_description":"No"}' }
        end
      end
    end)
    assert.is_false(ok)
    assert.equal(10, n)
    local failed = select(2, pcall(function() for _ in app:each "nowhere" do error "an item" end end))
    assert.is_table(failed)
    assert.same({ "http", "not-found", 404 }, { failed.kind, failed.code, failed.status })
    assert.equal(failed.message, tostring(failed))
    assert.equal(404, failed.response.status)
  end)

  it("raises what isn't a list as a failure, too", function()
    for _, body in ipairs { '"text"', "5", "true", "null", "<html>", "" } do
      local ok, failed = pcall(collect, lists { body }, "x")
      assert.is_false(ok)
      assert.equal("malformed_response", type(failed) == "table" and failed.code or tostring(failed))
    end
  end)

  it("raises a page whose data isn't a list as a failure, too", function()
    -- BUG 11: null and numbers raise a plain Lua error ("attempt to get length of …"); text and objects end the list
    -- silently
    for _, body in ipairs { '{"data":null}', '{"data":5}', '{"data":"text"}', '{"data":{"a":1}}' } do
      local ok, failed = pcall(collect, lists { body }, "x")
      assert.is_false(ok, body)
      assert.equal("malformed_response", type(failed) == "table" and failed.code or tostring(failed))
    end
  end)

  describe("of other servers", function()
    -- A server whose pages the spec makes by hand: `answer(fields, n, url)` gives body and headers. Gives a session,
    -- the queries sent, the URL.
    local function paged(style, answer)
      local asked, url = {}, nil
      url = stage.server(function(x)
        local fields = {}
        for name, value in (x.query or ""):gmatch "([^&=]+)=([^&]*)" do fields[name:gsub("%%24", "$")] = value end
        asked[#asked + 1] = x.query or ""
        local body, headers = answer(fields, #asked, url, x)
        x:reply { body = body, headers = headers }
      end)
      local config = { base_url = url .. "/api/", client_id = "i" }
      return airlock.provider({ paging = style }, config):permanent_token "p", asked, url
    end

    local function numbers(from, to)
      local list = {}
      for i = from, to do list[#list + 1] = ("%d"):format(i) end
      return "[" .. table.concat(list, ",") .. "]"
    end

    local function all(session, query)
      local found = {}
      for item in session:each("things", query) do found[#found + 1] = item end
      return found
    end

    local function failed(session, query)
      local ok, why = pcall(all, session, query)
      assert.is_false(ok)
      return type(why) == "table" and why or error(why)
    end

    it("YouTrack: bare lists by $skip, until one is empty", function()
      local session, asked = paged("skip", function(fields)
        local skip = tonumber(fields["$skip"] or 0)
        return numbers(skip + 1, math.min(skip + 2, 5))
      end)
      assert.same({ 1, 2, 3, 4, 5 }, all(session, { ["$top"] = 2, fields = "id" }))
      assert.same({ "%24top=2&fields=id", "%24skip=2&%24top=2&fields=id", "%24skip=4&%24top=2&fields=id",
        "%24skip=5&%24top=2&fields=id" }, asked)
    end)

    it("Hub: pages that say how many there are", function()
      local session, asked = paged("skip", function(fields)
        local skip = tonumber(fields["$skip"] or 0)
        return ('{"type":"UsersPage","skip":%d,"top":2,"total":4,"users":%s}'):format(skip, numbers(skip + 1, skip + 2))
      end)
      assert.same({ 1, 2, 3, 4 }, all(session))
      assert.equal(2, #asked)
    end)

    it("Keycloak: first and max; Auth0: page", function()
      local session, asked = paged("first", function(fields)
        local first = tonumber(fields.first or 0)
        return numbers(first + 1, math.min(first + 2, 3))
      end)
      assert.same({ 1, 2, 3 }, all(session, { max = 2 }))
      assert.same({ "max=2", "first=2&max=2", "first=3&max=2" }, asked)
      session, asked = paged("page", function(fields)
        local number = tonumber(fields.page or 0)
        return number < 2 and numbers(number * 2 + 1, number * 2 + 2) or "[]"
      end)
      assert.same({ 1, 2, 3, 4 }, all(session, { per_page = 2 }))
      assert.same({ "per_page=2", "page=1&per_page=2", "page=2&per_page=2" }, asked)
    end)

    it("GitHub, GitLab, Gitea, Okta: the Link field", function()
      local session, asked = paged("link", function(fields, _, url)
        local number = tonumber(fields.page or 1)
        local links = ('<%s/api/things?page=1>; rel="first", <%s/api/things?per_page=2&page=%d>; title="a, b"; '
          .. 'rel="prefetch next"'):format(url, url, number + 1)
        return numbers(number * 2 - 1, number * 2), { Link = number < 3 and links or '</api/things?page=1>; rel=first' }
      end)
      assert.same({ 1, 2, 3, 4, 5, 6 }, all(session, { per_page = 2 }))
      assert.same({ "per_page=2", "per_page=2&page=2", "per_page=2&page=3" }, asked)
    end)

    it("GitHub: a list inside of an object; several links in several fields; relative ones", function()
      local session, asked = paged("link", function(fields)
        local number = tonumber(fields.page or 1)
        return ('{"total_count":4,"incomplete_results":false,"workflow_runs":%s}'):format(
          numbers(number * 2 - 1, number * 2)), { Link = number == 1 and "</api/things?page=2>; REL=Next" or nil }
      end)
      assert.same({ 1, 2, 3, 4 }, all(session))
      assert.same({ "", "page=2" }, asked)
    end)

    it("reads links as browsers do, from the page that they stand in", function()
      for link, wanted in pairs { ["things?page=2"] = "/api/things?page=2", ["?page=2"] = "/api/things?page=2",
        ["./next/2"] = "/api/next/2", ["../v2/things"] = "/v2/things", ["%2e%2e/things"] = "/things",
        ["\\\\api\\\\2"] = "/api/2", ["/a b"] = "/a%20b", ["/a%2Fb"] = "/a%2Fb",
        ["/[2]?{x}|y"] = "/%5B2%5D?%7Bx%7D%7Cy", ["/100%"] = "/100%25", ["2#end"] = "/api/2", ["/a\\tb\\n"] = "/ab" } do
        local seen = {}
        local url = stage.server(function(x)
          seen[#seen + 1] = x.target
          x:reply { body = #seen == 1 and ('{"value":[1],"next":"%s"}'):format(link) or '{"value":[2]}' }
        end)
        local session = airlock.provider({ paging = "next" }, { base_url = url }):permanent_token "p"
        local items = {}
        for item in session:each "api/things?page=1" do items[#items + 1] = item end
        assert.same({ { 1, 2 }, { "/api/things?page=1", wanted } }, { items, seen }, link)
      end
    end)

    it("Slack: a cursor in response_metadata", function()
      local session, asked = paged("cursor", function(fields)
        local last = fields.cursor ~= nil
        return ('{"ok":true,"channels":%s,"response_metadata":{"next_cursor":"%s"}}'):format(last and "[3]" or "[1,2]",
          last and "" or "dGVhbTpDMDYxRkE1UEI=")
      end)
      assert.same({ 1, 2, 3 }, all(session, { limit = 2 }))
      asked[2] = asked[2]:gsub("%%3D", "%%3d") -- libcurl 8 writes escapes with capitals
      assert.same({ "limit=2", "cursor=dGVhbTpDMDYxRkE1UEI%3d&limit=2" }, asked)
    end)

    it("Google: nextPageToken, also on a page without items", function()
      local session, asked = paged("page_token", function(_, n)
        return ({ '{"kind":"drive#fileList","nextPageToken":"t1","files":[1]}',
          '{"kind":"drive#fileList","nextPageToken":"t2"}', '{"files":[2]}' })[n]
      end)
      assert.same({ 1, 2 }, all(session))
      assert.same({ "", "pageToken=t1", "pageToken=t2" }, asked)
    end)

    it("Microsoft: @odata.nextLink; Bitbucket: next", function()
      for style, body in pairs { odata = '{"@odata.context":"x","value":%s%s}',
        next = '{"pagelen":2,"values":%s,"page":1%s}' } do
        local member = style == "odata" and "@odata.nextLink" or "next"
        local session, asked = paged(style, function(fields, _, url)
          local last = fields["$skiptoken"] ~= nil
          return body:format(last and "[3]" or "[1,2]",
            last and "" or (',"%s":"%s/api/things?$top=2&$skiptoken=X"'):format(member, url))
        end)
        assert.same({ 1, 2, 3 }, all(session, { ["$top"] = 2 }))
        assert.equal("$top=2&$skiptoken=X", asked[2])
      end
    end)

    it("follows no link to another origin: the token doesn't go there [6750-04]", function()
      local elsewhere = 0
      local other = stage.server(function(x)
        elsewhere = elsewhere + 1
        x:reply { body = "[9]" }
      end)
      for _, link in ipairs { other .. "/api/things", other:gsub("127.0.0.1", "localhost") .. "/api",
        "https://evil.example/", "//evil.example/x" } do
        local session = paged("link", function() return "[1]", { Link = ("<%s>; rel=next"):format(link) } end)
        local why = failed(session)
        assert.same({ "http", "misconfigured" }, { why.kind, why.outcome })
        assert.is_truthy(why.code == "foreign_link" or why.code == "malformed_response", why.code)
      end
      assert.equal(0, elsewhere)
    end)

    it("follows none without a base_url either", function()
      local url = stage.server(function(x) x:reply { body = "[1]",
        headers = { Link = '<https://evil.example/x>; rel="next"' } } end)
      local session = airlock.provider({ paging = "link" }, {}):permanent_token "p"
      local ok, why = pcall(function() for _ in session:each(url .. "/things") do end end) -- luacheck: ignore 542
      assert.is_false(ok)
      assert.equal("foreign_link", type(why) == "table" and why.code or why)
    end)

    it("refuses links that are no URL, and http ones", function()
      for _, link in ipairs { "javascript:1", "http://h.example/x", "http://127.0.0.1:1 /", "https://u:p@h.example/",
        "https://[::1" } do
        local why = failed((paged("link", function() return "[1]", { Link = ("<%s>; rel=next"):format(link) } end)))
        assert.is_truthy(why.code == "malformed_response" or why.code == "foreign_link", link)
      end
    end)

    it("cuts a list that goes round in circles, of one page or of several", function()
      for _, round in ipairs { 1, 3, 7 } do
        local session, asked = paged("link", function(_, n, url)
          return "[1]", { Link = ("<%s/api/things?n=%d>; rel=next"):format(url, n % round) }
        end)
        assert.equal("endless_list", failed(session).code)
        assert.is_true(#asked < 30, #asked)
      end
      local session = paged("cursor",
        function() return '{"ok":true,"members":[1],"response_metadata":{"next_cursor":"same"}}' end)
      assert.equal("endless_list", failed(session).code)
    end)

    it("cuts a list that goes on without items", function()
      local session, asked = paged("page_token", function(_, n) return ('{"nextPageToken":"t%d","items":[]}'):format(n)
        end)
      assert.equal("endless_list", failed(session).code)
      assert.equal(101, #asked)
    end)

    it("raises what is no page of its style, and an object with two lists", function()
      for _, body in ipairs { '{"a":1}', '"text"', '{"users":[1],"groups":[2]}' } do
        assert.equal("malformed_response", failed((paged("link", function() return body end))).code)
      end
    end)
  end)
end)
