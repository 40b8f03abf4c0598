local curl = require "spec.support.curl"
local core = require "airlock.core"
local emulator = require "airlock.emulator"

describe("emulator API", function()
  local space, app_token, user_token

  local function start(options)
    space = emulator.start(options)
    app_token = space:issue().access_token
    user_token = space:issue({ person = "alice.first" }).access_token
    return space
  end

  after_each(function()
    if space then space:stop() end
    space = nil
  end)

  local function call(path, token, ...)
    local words = { "-g", space.url .. "/api/http/" .. path, ... }
    if token then
      words[#words + 1] = "-H"
      words[#words + 1] = "Authorization: Bearer " .. token
    end
    local r = curl.run(words)
    r.json = core.json.decode(r.body)
    return r
  end

  local function post(path, token, body)
    return call(path, token, "-H", "Content-Type: application/json", "-d", body)
  end

  local function refused(r, status, code, description)
    assert.same({ status, code }, { r.status, r.json and r.json.error })
    if description then assert.equal(description, r.json.error_description)
      else assert.is_string(r.json.error_description) end
  end

  local function scoped(scope, person)
    return space:issue({ scope = scope, person = person }).access_token
  end

  describe("authentication", function()
    it("wants a bearer token that is good", function()
      start { clock = 1700000000 }
      refused(call "organization", 401, "authentication-required")
      refused(call("organization", "nonsense"), 401, "authentication-required")
      refused(call("organization", nil, "-u", "a:b"), 401, "authentication-required")
      assert.equal(200, call("organization", app_token).status)
      space:advance(500)
      assert.equal(200, call("organization", app_token).status)
      space:advance(100)
      refused(call("organization", app_token), 401, "authentication-required", "Access token has expired")
    end)

    it("ends with the refresh token the access token came from", function()
      start()
      local held = space:issue { person = "alice.first", offline = true }
      assert.equal(204, call("team-directory/profiles/oauth-consents/me/refresh-tokens/self", held.access_token, "-X",
        "DELETE").status)
      refused(call("organization", held.access_token), 401, "authentication-required",
        "Refresh token associated with the access token is revoked")
      refused(call("team-directory/profiles/oauth-consents/me/refresh-tokens/self", user_token, "-X", "DELETE"), 404,
        "not-found")
    end)

    it("ends with the access token's own revocation", function()
      start()
      assert.is_true(space:revoke(app_token))
      refused(call("organization", app_token), 401, "authentication-required")
      assert.is_false(space:revoke "nonsense")
    end)
  end)

  describe("answers", function()
    it("carry Space's headers", function()
      start()
      local r = call("organization", app_token)
      assert.same({ "application/json", "frame-ancestors 'none'", "no-referrer", "DENY" }, { r.headers["content-type"],
        r.headers["content-security-policy"], r.headers["referrer-policy"], r.headers["x-frame-options"] })
    end)

    it("are open to other origins", function()
      start()
      local r = call("organization", app_token, "-H", "Origin: http://app.example")
      assert.same({ "http://app.example", "Origin" }, { r.headers["access-control-allow-origin"], r.headers.vary })
      r = call("organization", nil, "-X", "OPTIONS", "-H", "Origin: http://app.example")
      assert.same({ 204, "http://app.example" }, { r.status, r.headers["access-control-allow-origin"] })
    end)

    it("say what isn't there", function()
      start()
      refused(call("nothing", app_token), 404, "not-found")
      refused(call("projects/key:NONE", app_token), 404, "not-found")
      refused(call("organization/", app_token), 404, "not-found")
      local r = curl.run { space.url .. "/" }
      assert.same({ 404, "not-found" }, { r.status, core.json.decode(r.body).error })
      assert.equal(404, curl.run({ space.url .. "/oauth/nothing" }).status)
      r = call("organization", app_token, "-X", "PATCH")
      refused(r, 405, "method-not-allowed")
      assert.equal("GET", r.headers.allow)
    end)

    it("refuse broken escapes", function()
      start()
      refused(call("projects/key%zz", app_token), 400, "request-error")
      refused(call("projects?$top=%", app_token), 400, "request-error")
    end)

    it("to HEAD are those to GET without their body", function()
      start()
      local r = call("organization", app_token, "-I")
      assert.same({ 0, 200 }, { r.rc, r.status })
      assert.is_nil(r.body:find("{", 1, true)) -- curl writes the head there
      assert.is_true(tonumber(r.headers["content-length"]) > 2)
    end)
  end)

  describe("who", function()
    it("applications/me is the application, with its settings and without its secret", function()
      start()
      local r = call("applications/me", app_token)
      assert.same({ space.client_id, "Automation script" }, { r.json.clientId, r.json.name })
      assert.is_true(r.json.settings.clientCredentialsFlowEnabled)
      assert.is_nil(r.body:find(space.client_secret, 1, true))
      refused(call("applications/me", user_token), 404, "not-found")
      assert.equal("Desktop tool", call("applications/clientId:" .. space.applications[2].client_id,
        app_token).json.name)
    end)

    it("profiles/me is the person, and nobody for an application", function()
      start()
      local r = call("team-directory/profiles/me?$fields=id,username,emails(email),name(firstName,lastName),"
        .. "profilePicture", user_token)
      assert.same({ id = "1wOwRF3UqJ2b", username = "alice.first",
        emails = { { email = "alice.first@mycompany.example" } },
        name = { firstName = "Alice", lastName = "First" }, profilePicture = "picture-alice.first" }, r.json)
      refused(call("team-directory/profiles/me", app_token), 404, "not-found")
    end)

    it("is found by every kind of identifier, encoded or not", function()
      start()
      for _, identifier in ipairs { "id:2k5QyZ0VtW7c", "id%3A2k5QyZ0VtW7c", "2k5QyZ0VtW7c", "username:bob.second",
        "username%3Abob%2Esecond", "externalId:hr-2", "email:bob.second@mycompany.example",
          "email%3Abob.second%40mycompany.example" } do
        local r = call("team-directory/profiles/" .. identifier, app_token)
        assert.same({ 200, "bob.second" }, { r.status, r.json.username })
      end
      refused(call("team-directory/profiles/id:nobody", app_token), 404, "not-found")
      refused(call("team-directory/profiles/username:", app_token), 404, "not-found")
      assert.equal("PROJ-02", call("projects/key%3APROJ-02", app_token).json.key.key)
      assert.equal("PROJ-02", call("projects/id:project00002", app_token).json.key.key)
    end)

    it("the organization is known to all", function()
      start { organization = { name = "Ours" } }
      assert.equal("Ours", call("organization", user_token).json.name)
    end)
  end)

  describe("paging", function()
    it("goes on with next until a batch is empty", function()
      start()
      local seen, skip, batches = {}, "", 0
      repeat
        local r = call("projects?$top=10&$skip=" .. skip .. "&$fields=next,totalCount,data(key)", app_token)
        assert.is_string(r.json.next)
        assert.equal(25, r.json.totalCount)
        for _, item in ipairs(r.json.data) do seen[#seen + 1] = item.key.key end
        skip, batches = r.json.next, batches + 1
      until #r.json.data == 0
      assert.same({ 25, 4, "PROJ-01", "PROJ-25", "25" }, { #seen, batches, seen[1], seen[25], skip })
    end)

    it("an empty batch is an empty list", function()
      start()
      assert.truthy(call("projects?$skip=25", app_token).body:find('"data":[]', 1, true))
    end)

    it("has batches of 100 where nobody says otherwise", function()
      local projects = {}
      for i = 1, 120 do projects[i] = { key = "P" .. i } end
      start { projects = projects }
      local r = call("projects", app_token)
      assert.same({ 100, "100", 120 }, { #r.json.data, r.json.next, r.json.totalCount })
      assert.truthy(r.body:find('"totalCount":120[,}]'))
    end)

    it("refuses what is no number", function()
      start()
      for _, query in ipairs { "$top=x", "$top=-1", "$top=1e3", "$top=99999", "$skip=x", "$skip=-1", "$skip=1.5" } do
        refused(call("projects?" .. query, app_token), 400, "validation-error")
      end
      assert.equal(200, call("projects?$top=&$skip=", app_token).status)
    end)
  end)

  describe("$fields", function()
    local path = "absences?%24top=1&%24fields="

    it("picks members, nested as deep as asked", function()
      start()
      local r = call(path .. "data(reason,member(username,name(firstName)))", app_token)
      assert.same({ data = { { reason = "Vacation", member = { username = "alice.first",
        name = { firstName = "Alice" } } } } }, r.json)
    end)

    it("takes '*' for all of the first level, and reduces what is below", function()
      start()
      local item = call(path .. "%2A%2Cdata%28%2A%29", app_token).json.data[1]
      assert.equal("Vacation", item.reason)
      assert.same({ id = "1wOwRF3UqJ2b", className = "TD_MemberProfile" }, item.member)
      item = call(path .. "data(*,member(username))", app_token).json.data[1]
      assert.same({ "Vacation", "alice.first" }, { item.reason, item.member.username })
      assert.same(call("absences?$top=1", app_token).json, call(path .. "*", app_token).json)
    end)

    it("takes '!' for the shape further up", function()
      start()
      assert.equal(200, call(path .. "data(*,member!,since!2)", app_token).status)
      local r = call(path .. "data(id,reason,username,member!)", app_token)
      assert.equal("alice.first", r.json.data[1].member.username)
      assert.is_nil(r.json.data[1].member.name)
    end)

    it("leaves out what isn't there, and refuses what isn't a list of fields", function()
      start()
      assert.same({ id = "1wOwRF3UqJ2b" }, call("team-directory/profiles/me?$fields=id,nonsense(a,b)", user_token).json)
      for _, text in ipairs { "(", "id,", "id(", "id()", "id)", "id,,name", "name(firstName", "", "a%20b" } do
        refused(call("team-directory/profiles/me?$fields=" .. text, user_token), 400, "validation-error")
      end
    end)

    it("survives a list that is deeper than anything", function()
      start()
      local r = call("projects?$fields=" .. ("data("):rep(150) .. "id" .. (")"):rep(150), app_token)
      assert.equal(200, r.status)
    end)
  end)

  describe("permissions", function()
    it("know all 228 codes", function()
      assert.equal(228, require("airlock.emulator.api.permissions").count)
    end)

    it("a token without the right is refused", function()
      start()
      local token = scoped "global:Profile.View"
      assert.equal(200, call("team-directory/profiles", token).status)
      refused(call("projects", token), 403, "permission-denied")
      refused(call("projects/key:PROJ-01", token), 403, "permission-denied")
      refused(call("absences", token), 403, "permission-denied")
      refused(call("team-directory/profiles/me", scoped("global:Project.View", "alice.first")), 403,
        "permission-denied")
    end)

    it("of one project hold in that project alone, by key or id", function()
      start()
      for _, context in ipairs { "project:key:PROJ-03", "project:id:project00003" } do
        local token = scoped(context .. ":Project.View " .. context .. ":Project.Issues.View")
        local r = call("projects", token)
        assert.same({ 1, "PROJ-03" }, { #r.json.data, r.json.data[1].key.key })
        assert.equal(200, call("projects/key:PROJ-03/planning/issues", token).status)
        refused(call("projects/key:PROJ-04/planning/issues", token), 403, "permission-denied")
        refused(post("projects/key:PROJ-03/planning/issues", token, '{"title":"t"}'), 403, "permission-denied")
      end
    end)

    it("of a user end where the user's own end", function()
      start()
      local token = scoped("**", "guest.seventh")
      assert.equal(200, call("team-directory/profiles", token).status)
      assert.equal(1, #call("projects", token).json.data)
      refused(call("absences", token), 403, "permission-denied")
    end)

    it("of an application are looked at when it calls", function()
      start { applications = { { rights = "global:Profile.View" } } }
      assert.equal(200, call("team-directory/profiles", app_token).status)
      refused(call("absences", app_token), 403, "permission-denied")
    end)

    it("can be asked after", function()
      start()
      local function ask(principal, code, target, token)
        return post("permissions/check-permission", token or user_token,
          ('{"principal":"%s","uniqueRightCode":"%s","target":%s}'):format(principal, code, target))
      end
      local global = '{"className":"GlobalPermissionTarget"}'
      assert.equal("true", ask("profile:me", "Profile.View", global).body)
      assert.equal("false", ask("profile:username:guest.seventh", "Project.View", global).body)
      local function project(key)
        return '{"className":"ProjectPermissionTarget","project":"key:' .. key .. '"}'
      end
      assert.equal("true", ask("profile:username:guest.seventh", "Project.View", project "PROJ-01").body)
      assert.equal("false", ask("profile:username:guest.seventh", "Project.View", project "PROJ-02").body)
      assert.equal("true", ask("application:me", "Profile.View", global, app_token).body)
      refused(ask("application:me", "Profile.View", global), 404, "not-found")
      refused(ask("profile:me", "Nonsense", global), 400, "validation-error")
      refused(ask("profile:me", "Profile.View", "1"), 400, "validation-error")
      refused(post("permissions/check-permission", user_token, "nonsense"), 400, "request-error")
    end)
  end)

  describe("issues", function()
    local path = "projects/key:PROJ-01/planning/issues"

    it("are listed", function()
      start()
      local r = call(path .. "?$fields=data(number,title,status(name))", app_token)
      assert.same({ 3, "The door sticks", "Open" }, { #r.json.data, r.json.data[1].title, r.json.data[1].status.name })
      assert.equal("[]", call("projects/key:PROJ-02/planning/issues", app_token).body:match '"data":(%[%])')
    end)

    it("can be added", function()
      start { clock = 1700000000 }
      local r = post(path, user_token, '{"title":"Ünïcode \\"quoted\\"","description":"d"}')
      assert.equal(200, r.status)
      assert.same({ 4, 'Ünïcode "quoted"', "d", "alice.first" }, { r.json.number, r.json.title, r.json.description,
        r.json.createdBy.name })
      assert.truthy(r.json.creationTime.iso:find "^2023%-11%-14T22:1%d:%d%d%.%d%d%dZ$")
      assert.equal(4, #call(path, app_token).json.data)
      assert.equal("Automation script", post(path, app_token, '{"title":"t"}').json.createdBy.name)
    end)

    it("need a title", function()
      start()
      for _, body in ipairs { "{}", '{"title":""}', '{"title":" "}', '{"title":5}', '{"title":null}' } do
        refused(post(path, app_token, body), 400, "validation-error")
      end
      for _, body in ipairs { "", "nonsense", '"text"', "5" } do
        refused(post(path, app_token, body), 400, "request-error")
      end
    end)
  end)

  describe("permanent tokens", function()
    local mine = "team-directory/profiles/me/permanent-tokens"

    it("of an application are made, used, listed and ended", function()
      start()
      local r = post("applications/me/permanent-tokens", app_token, '{"name":"ci","scope":"global:Profile.View"}')
      assert.same({ 200, "ci", "global:Profile.View" }, { r.status, r.json.first.name, r.json.first.scope })
      local token = r.json.second
      assert.equal(200, call("team-directory/profiles", token).status)
      refused(call("projects", token), 403, "permission-denied")
      local list = call("applications/me/permanent-tokens", app_token)
      assert.same({ 1, "ci" }, { #list.json.data, list.json.data[1].name })
      assert.is_nil(list.body:find(token, 1, true))
      assert.equal(204, call("applications/me/permanent-tokens/" .. r.json.first.id, app_token, "-X", "DELETE").status)
      refused(call("team-directory/profiles", token), 401, "authentication-required")
      refused(call("applications/me/permanent-tokens/" .. r.json.first.id, app_token, "-X", "DELETE"), 404, "not-found")
    end)

    it("of a person are their own", function()
      start()
      local r = post(mine, user_token, '{"name":"mine","scope":"**"}')
      assert.equal("alice.first", call("team-directory/profiles/me", r.json.second).json.username)
      assert.equal(1, #call(mine, user_token).json.data)
      assert.equal(0, #call(mine, scoped("**", "bob.second")).json.data)
      refused(call(mine, app_token), 404, "not-found")
      refused(call("applications/me/permanent-tokens", user_token), 404, "not-found")
    end)

    it("can end themselves", function()
      start()
      local token = space:permanent_token { person = "alice.first" }
      assert.equal(204, call(mine .. "/current", token, "-X", "DELETE").status)
      refused(call("organization", token), 401, "authentication-required")
      refused(call(mine .. "/current", user_token, "-X", "DELETE"), 404, "not-found")
    end)

    it("end when they were told to, or never", function()
      start { clock = 1700000000 }
      local function make(expires)
        return post(mine, user_token, '{"name":"t","scope":"**","expires":' .. expires .. "}")
      end
      local tokens = {}
      for i, expires in ipairs { '{"timestamp":1700086400000}', '{"iso":"2023-11-15T22:13:20Z"}', '"2023-11-16"',
        "null" } do
        local r = make(expires)
        assert.equal(200, r.status)
        tokens[i] = r.json.second
      end
      refused(make '"tomorrow"', 400, "validation-error")
      space:advance(86400)
      local seen = {}
      for i, token in ipairs(tokens) do seen[i] = call("organization", token).status end
      assert.same({ 401, 401, 200, 200 }, seen)
      space:advance(10 * 365 * 86400)
      assert.equal(200, call("organization", tokens[4]).status)
    end)

    it("don't go beyond the caller", function()
      start()
      local token = scoped("global:Profile.View global:Profile.PermanentTokens.Create", "alice.first")
      assert.equal(200, post(mine, token, '{"name":"t","scope":"global:Profile.View"}').status)
      refused(post(mine, token, '{"name":"t","scope":"**"}'), 403, "permission-denied")
      refused(post(mine, scoped("global:Profile.View", "alice.first"), '{"name":"t","scope":"global:Profile.View"}'),
        403, "permission-denied")
      refused(post(mine, token, '{"scope":"**"}'), 400, "validation-error")
      refused(post(mine, token, '{"name":"t","scope":"nonsense"}'), 400, "validation-error")
    end)
  end)
end)

describe("JSON of the emulator", function()
  it("is sound whatever a program sent", function()
    local json = require "airlock.emulator.http.json"
    assert.equal('{"a":"?","b?":["x?",null,null],"c":[],"d":1.5}',
      json.encode { a = "\255", ["b\255"] = { "x\200", 0 / 0, math.huge }, c = json.list(), d = 1.5 })
  end)
end)
