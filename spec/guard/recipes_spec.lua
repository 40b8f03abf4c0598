-- docs/recipes.md: its programs, taken out of the page and run. Where a server of today is meant, the emulator stands
-- for its authorization server, and its API answers one list as that server's pages say; the program, the profile and
-- its paging are the real ones.

local command = require "spec.support.command"
local core = require "airlock.core"
local curl = require "spec.support.curl"
local nginx = require "spec.support.nginx"
local nvim = require "spec.support.nvim"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

local interpreter = os.getenv "AIRLOCK_LUA" or "lua5.4"
local under = os.getenv "AIRLOCK_UNDER" or ""
local here = stage.shell("pwd"):match "%C+"

-- file name → text
local function blocks()
  local found = {}
  for name, text in (stage.read "docs/recipes.md"):gmatch "\n```%l+ ([%w_%.]+)\n(.-)\n```" do
    found[name] = text .. "\n"
  end
  return found
end

local recipes = blocks()

local function write(folder, name, text)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(text)
  file:close()
  return folder .. "/" .. name
end

-- Runs before the program, for servers that can't be had here: their endpoints and API are elsewhere, and the emulator
-- knows its own scopes only.
local prelude = [[
local airlock, core = require "airlock", require "airlock.core"
local auth, api, provider = os.getenv "STAND_IN", os.getenv "STAND_IN_API", airlock.provider
function airlock.provider(name, config)
  local made = { token_endpoint = auth .. "/oauth/token", authorization_endpoint = auth .. "/oauth/auth",
    device_authorization_endpoint = auth .. "/oauth/device", base_url = api }
  for option, value in pairs(config) do made[option] = value end
  return provider(name, made)
end
for _, name in ipairs { "login", "device_code", "session" } do
  local method = core.classes.client[name]
  core.classes.client[name] = function(self, options)
    local given = {}
    for option, value in pairs(options) do given[option] = value end
    given.scope = "**"
    return method(self, given)
  end
end
]]

local function start(name, env, home, before)
  local folder = stage.folder()
  write(folder, name, recipes[name])
  write(folder, "prelude.lua", before or "")
  return command.start({}, { shell = ("exec %s %s -e 'dofile \"prelude.lua\"' %s"):format(under,
    command.quote(interpreter), name), cwd = folder, env = env, home = home })
end

local function lines_of(text)
  return select(2, text:gsub("\n", ""))
end

describe("recipe", function()
  after_each(stage.clear)

  describe("of a script", function()
    local space, home, env
    before_each(function()
      space, home = stage.space(), command.home()
      env = { SPACE_URL = space.url, SPACE_CLIENT_ID = space.client_id }
      env.SPACE_SECRET_FILE = write(home, "secret", space.client_secret .. "\n")
    end)

    local function run()
      return command.wait(start("report.lua", env, home))
    end

    it("prints the projects, and the next run asks for no token", function()
      for _ = 1, 2 do
        local said = run()
        assert.equal(0, said.rc, said.err)
        assert.equal(25, lines_of(said.out))
      end
      assert.equal(1, space:count "/oauth/token")
    end)

    it("ends with 75 where it should be tried again, and with 1 where somebody must mend something", function()
      space:fault { path = "/projects", status = 500, body = "{}" }
      local said = run()
      assert.equal(75, said.rc, said.err)
      assert.is_truthy(said.err:find("report: GET [%w:/.]+/projects: the API answered with status 500"), said.err)
      space:fault { path = "/projects", status = 403, body = "{}" }
      assert.equal(1, run().rc)
      env.SPACE_SECRET_FILE = "/nowhere"
      home = command.home()
      said = run()
      assert.equal(1, said.rc)
      assert.is_truthy(said.err:find("/nowhere", 1, true), said.err)
    end)
  end)

  it("of Neovim shows the projects, and the next editor needs no browser", function()
    if nvim.missing() then return pending(nvim.missing()) end
    local space, folder, state = stage.space(), stage.folder(), command.home()
    local plugin = write(folder, "plugin.lua", recipes["projects_plugin.lua"])
    local environment = { SPACE_URL = space.url, SPACE_CLIENT_ID = space.applications.native.client_id,
      XDG_STATE_HOME = state }
    local text = ([[
      vim.ui.input = function(options, back)
        vim.fn.writefile({ options.prompt:match "http%%S+" }, %q)
        vim.fn.rename(%q, %q)
        till(20, function() return vim.fn.filereadable(%q) == 1 end)
        back(vim.fn.readfile(%q)[1])
      end
      vim.cmd "luafile %s"
      vim.cmd "Projects"
      till(20, function() return vim.fn.line "$" == 25 end)
      tell(vim.api.nvim_buf_get_lines(0, 0, -1, false))
      leave()
    ]]):format(folder .. "/new", folder .. "/new", folder .. "/url", folder .. "/redirect",
      folder .. "/redirect", plugin)
    local visits = 0
    local function person()
      local url = visits == 0 and stage.read(folder .. "/url")
      if not url then return end
      visits = visits + 1
      write(folder, "redirect.new", space:approve(url:match "%S+"))
      os.rename(folder .. "/redirect.new", folder .. "/redirect")
    end
    for _ = 1, 2 do
      local told, job = nvim.wait(nvim.start(text, environment), person)
      assert.equal(0, job.rc, job.err)
      assert.equal(25, #told[1])
      os.remove(folder .. "/url")
    end
    assert.equal(1, visits)
    assert.equal(1, space:count "/oauth/token")
  end)

  it("of nginx passes the projects on", function()
    if nginx.without_lua() then return pending(nginx.without_lua()) end
    local space, folder, port = stage.space(), stage.folder(), raw.free_port()
    local build = os.getenv "AIRLOCK_BUILD" or here .. "/build/jit"
    local changed = {
      ["/usr/local/share/lua/5%.1"] = here .. "/lua", ["/usr/local/lib/lua/5%.1"] = build,
        ["127%.0%.0%.1:8080"] = "127.0.0.1:" .. port,
      ["https://mycompany%.jetbrains%.space"] = space.url, ["the id"] = space.client_id,
      ["/etc/nginx/space%.secret"] = write(folder, "secret", space.client_secret .. "\n"),
    }
    local conf = recipes["gateway.conf"]
    for old, new in pairs(changed) do
      local count
      conf, count = conf:gsub(old, (new:gsub("%%", "%%%%")))
      assert.is_true(count > 0, old)
    end
    local modules = "/usr/lib/nginx/modules/"
    nginx.start(nil, { main = ("load_module %sndk_http_module.so;\nload_module %sngx_http_lua_module.so;"):format(
      modules, modules), http = conf })
    for _ = 1, 2 do
      local answer = curl.run { ("http://127.0.0.1:%d/projects"):format(port) }
      assert.equal(200, answer.status, answer.body)
      assert.equal(25, core.json.decode(answer.body).totalCount)
    end
    assert.equal(1, space:count "/oauth/token")
  end)

  it("of busted passes", function()
    local folder = stage.folder()
    write(folder, "projects.lua", recipes["projects.lua"])
    write(folder, "projects_spec.lua", recipes["projects_spec.lua"])
    local said = command.wait(command.start({}, { cwd = folder,
      shell = ("exec %s %s %s/tools/busted.lua -o plainTerminal projects_spec.lua"):format(under,
        command.quote(interpreter), here) }))
    assert.equal(0, said.rc, said.out .. said.err)
    assert.is_truthy(said.out:find("5 successes / 0 failures / 0 errors", 1, true), said.out)
  end)

  describe("of a server of today", function()
    local space, seen, env, home
    before_each(function()
      space, seen, home = stage.space { device_interval = 1 }, {}, command.home()
    end)

    -- An API that answers these pages, one for each question; a page is a body, and a Link field's target, if it has
    -- one.
    local function api(pages)
      local url
      url = stage.server(function(x)
        seen[#seen + 1] = x.target
        local page = pages[#seen] or { "[]" }
        local token = x.headers.authorization and x.headers.authorization:match "^Bearer (%S+)$"
        if not token then return x:reply { status = 401 } end
        x:reply { headers = { ["Content-Type"] = "application/json",
          Link = page.next and ("<%s%s>; rel=\"next\""):format(url, page.next) }, body = page[1] }
      end)
      return url
    end

    local function environment(pages, more)
      env = { STAND_IN = space.url, STAND_IN_API = api(pages) }
      for name, value in pairs(more) do env[name] = value end
    end

    -- Runs the program; `person` is called with what it says until it has done its part.
    local function run(name, person)
      local job = start(name, env, home, prelude)
      local done = not person
      command.pass(function()
        done = done or person(command.said(job))
        return command.ended(job)
      end)
      command.wait(job)
      assert.equal(0, job.rc, job.err)
      assert.is_true(done, "nobody logged in")
      return job.out
    end

    local function browser(said)
      local url = said:match "\n  (http%S+/oauth/auth%S+)"
      if not url then return false end
      curl.start { space:approve(url) }
      return true
    end

    it("GitHub: by a device's code, then from the store", function()
      local pages = { { '[{"full_name":"octo/door"}]', next = "/user/repos?page=2" },
        { '[{"full_name":"octo/hinge"}]' } }
      environment(pages, { GITHUB_CLIENT_ID = space.applications.native.client_id })
      local out = run("github.lua", function(said)
        local code = said:match "Enter (%S+) at http"
        return code and space:enter_device_code(code)
      end)
      assert.is_truthy(out:find "\nocto/door\nocto/hinge\n$", out)
      assert.equal("/user/repos?per_page=100", seen[1])
      assert.equal("/user/repos?page=2", seen[2])
      seen = {}
      assert.equal("octo/door\nocto/hinge\n", run "github.lua")
    end)

    it("GitLab: by the browser, then from the store", function()
      local pages = { { '[{"path_with_namespace":"a/door"}]', next = "/projects?page=2" },
        { '[{"path_with_namespace":"b/hinge"}]' } }
      environment(pages, { GITLAB_CLIENT_ID = space.applications.native.client_id })
      recipes["gitlab.lua"] = recipes["gitlab.lua"]:gsub("8910", tostring(raw.free_port()))
      assert.equal("a/door\nb/hinge\n", run("gitlab.lua", browser))
      assert.is_truthy(seen[1]:find("membership=true", 1, true), seen[1])
      seen = {}
      assert.equal("a/door\nb/hinge\n", run "gitlab.lua")
    end)

    it("Google: by the browser, then from the store", function()
      local app = space.applications.service
      environment({ { '{"files":[{"name":"door"}],"nextPageToken":"p2"}' }, { '{"files":[{"name":"hinge"}]}' } },
        { GOOGLE_CLIENT_ID = app.client_id, GOOGLE_CLIENT_SECRET = app.client_secret })
      assert.equal("door\nhinge\n", run("google.lua", browser))
      assert.is_truthy(seen[1]:find("/drive/v3/files?", 1, true), seen[1])
      assert.is_truthy(seen[2]:find("pageToken=p2", 1, true), seen[2])
      seen = {}
      assert.equal("door\nhinge\n", run "google.lua")
    end)

    it("Keycloak: as the application", function()
      environment({ { '[{"username":"door"}]' } }, { KEYCLOAK_URL = "https://keycloak.example",
        KEYCLOAK_REALM = "house", KEYCLOAK_CLIENT_ID = space.client_id, KEYCLOAK_CLIENT_SECRET = space.client_secret })
      assert.equal("door\n", run "keycloak.lua")
      assert.equal("/users?max=100", seen[1])
    end)

    it("YouTrack: by a permanent token", function()
      environment({ { '[{"idReadable":"D-1","summary":"Oil it"}]' } },
        { YOUTRACK_URL = "https://acme.youtrack.cloud", YOUTRACK_TOKEN = "perm:x" })
      assert.equal("D-1\tOil it\n", run "youtrack.lua")
      assert.is_truthy(seen[1]:find("/issues?", 1, true), seen[1])
      assert.equal(0, space:count "/oauth/token")
    end)
  end)

  it("names only programs that are run here", function()
    local text, missing = stage.read "spec/guard/recipes_spec.lua", {}
    for name in pairs(recipes) do
      if not text:find('"' .. name .. '"', 1, true) then missing[#missing + 1] = name end
    end
    assert.same({}, missing)
    for _, name in ipairs { "github", "gitlab", "google", "keycloak", "youtrack" } do
      assert.is_true(lines_of(recipes[name .. ".lua"]) <= 12, name .. ".lua is long")
    end
  end)
end)
