-- airlock token and airlock request, against an emulator and servers made by hand.

local command = require "spec.support.command"
local core = require "airlock.core"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

describe("airlock token", function()
  after_each(stage.clear)

  it("prints one valid token, or the header line that curl takes, and nothing else", function()
    local space = stage.space()
    local said = command.run({ "token" }, { env = command.env(space) })
    assert.equal(0, said.rc, said.err)
    assert.equal("", said.err)
    local token = said.out:match "^([%w._-]+)\n$"
    assert.is_truthy(token, said.out)
    said = command.run({ "token", "--header" }, { env = command.env(space),
      shell = ("AIRLOCK | curl -sS -H @- '%s/api/http/organization'"):format(space.url) })
    assert.is_truthy(said.out:find("My Company", 1, true), said.out .. said.err)
  end)

  it("writes it to a file that only the user can read", function()
    local space, home = stage.space(), command.home()
    local said = command.run({ "token", "--header", "-o", home .. "/token" },
      { env = command.env(space), home = home, shell = "umask 022; AIRLOCK" })
    assert.equal(0, said.rc, said.err)
    assert.equal("", said.out)
    assert.is_truthy(stage.read(home .. "/token"):find "^Authorization: Bearer %S+\n$")
    assert.equal("600", stage.shell(("stat -c %%a '%s/token'"):format(home)):match "%d+")
  end)
end)

describe("airlock request", function()
  after_each(stage.clear)

  -- A server that tells what it got; `answer(exchange, seen)` may answer in its own way.
  local function mirror(answer)
    local seen = {}
    local url = stage.server(function(x)
      seen[#seen + 1] = { method = x.method, target = x.target, headers = x.headers, body = x.body }
      if answer then return answer(x, #seen) end
      x:reply { headers = { ["Content-Type"] = "application/json" },
        body = '{"b":1.50,"a":[],"c":{"d":[1,2]},"e":12345678901234567890}' }
    end)
    return { AIRLOCK_BASE_URL = url .. "/api/", AIRLOCK_CLIENT_ID = "porter", AIRLOCK_TOKEN = "canary-token" }, seen
  end

  it("sends method, path, query and headers with the token", function()
    local env, seen = mirror()
    local said = command.run({ "request", "get", "a/b?x=1", "--query", "q=ä b", "--query", "q=2", "-H", "X-One: 1",
      "-H", "Accept:text/x" }, { env = env })
    assert.equal(0, said.rc, said.err)
    assert.equal("GET", seen[1].method)
    assert.equal("/api/a/b?x=1&q=%c3%a4%20b&q=2", (seen[1].target:lower():gsub("%+", "%%20")))
    assert.equal("Bearer canary-token", seen[1].headers.authorization)
    assert.same({ "1", "text/x" }, { seen[1].headers["x-one"], seen[1].headers.accept })
    assert.is_nil((said.out .. said.err):find("canary", 1, true))
  end)

  it("lays JSON out without touching numbers or the order of keys; --raw leaves it as it is", function()
    local env = mirror()
    assert.equal('{\n  "b": 1.50,\n  "a": [],\n  "c": {\n    "d": [\n      1,\n      2\n    ]\n  },\n  "e": '
      .. '12345678901234567890\n}\n',
      command.run({ "request", "GET", "x" }, { env = env }).out)
    assert.equal('{"b":1.50,"a":[],"c":{"d":[1,2]},"e":12345678901234567890}',
      command.run({ "request", "GET", "x", "--raw" }, { env = env }).out)
  end)

  it("passes on as it is what isn't JSON, byte by byte", function()
    local bytes = "\0\1\255<html>\n{not json"
    local env = mirror(function(x) x:reply { body = bytes } end)
    assert.equal(bytes, command.run({ "request", "GET", "x" }, { env = env }).out)
  end)

  it("takes the body from words, a file or standard input, with its type", function()
    local env, seen = mirror()
    local path = stage.file("from a file\n")
    local ways = {
      { { "-d", "a=1", "-d", "b=2" }, "a=1&b=2", "application/x-www-form-urlencoded" },
      { { "-d", "@" .. path }, "from a file\n", "application/x-www-form-urlencoded" },
      { { "-d", "@-", "-H", "content-type: text/plain" }, "typed\n", "text/plain" },
      { { "--json", '{"n":1.50}' }, '{"n":1.50}', "application/json" },
      { { "--form", "a=x y", "--form", "b=&" }, "a=x%20y&b=%26", "application/x-www-form-urlencoded" },
      { {}, "", nil },
    }
    for i, way in ipairs(ways) do
      local words = { "request", "POST", "x" }
      for _, word in ipairs(way[1]) do words[#words + 1] = word end
      local said = command.run(words, { env = env, stdin = "typed\n" })
      assert.equal(0, said.rc, said.err)
      assert.equal(way[2], (seen[i].body:gsub("%+", "%%20")))
      assert.equal(way[3], seen[i].headers["content-type"])
    end
    local said = command.run({ "request", "POST", "x", "-d", "1", "--json", "2" }, { env = env })
    assert.equal(2, said.rc)
    assert.equal(2, command.run({ "request", "POST", "x", "--form", "novalue" }, { env = env }).rc)
    assert.equal(2, command.run({ "request", "POST", "x", "-d", "@/no/such/file" }, { env = env }).rc)
    assert.equal(2, command.run({ "request", "GET", "x", "-H", "Authorization: Bearer canary" }, { env = env }).rc)
    assert.equal(#ways, #seen)
  end)

  it("sends and gets what is larger than memory should hold piece by piece", function()
    local size, got = 3 * 1024 * 1024 + 17, nil
    local env = mirror(function(x)
      got = #x.body
      x:reply { body = ("z"):rep(got) }
    end)
    local said = command.run({ "request", "POST", "x", "-d", "@-", "-H", "Content-Type: text/plain" }, { env = env,
      shell = ("head -c %d /dev/zero | AIRLOCK | wc -c"):format(size) })
    assert.equal(size, got)
    assert.equal(size, tonumber(said.out:match "%d+"), said.err)
  end)

  it("writes the body of a failure, says why, and ends with 1; with 3 for a 401", function()
    local space = stage.space()
    local said = command.run({ "request", "GET", "nothing/here" }, { env = command.env(space) })
    assert.equal(1, said.rc)
    assert.is_truthy(said.out:find('"error": "not-found"', 1, true), said.out)
    assert.is_truthy(said.err:find("^airlock: GET " .. space.url:gsub("%p", "%%%0")
      .. "/[%w/]*nothing/here: the API answered with status 404: There is nothing at this path\n$"), said.err)
    said = command.run({ "request", "GET", "organization" },
      { env = { AIRLOCK_URL = space.url, AIRLOCK_CLIENT_ID = "porter", AIRLOCK_TOKEN = "canary-4" } })
    assert.equal(3, said.rc)
    assert.is_nil((said.out .. said.err):find("canary", 1, true))
  end)

  it("shows status and headers before the body with --include", function()
    local said = command.run({ "request", "GET", "organization", "-i" }, { env = command.env(stage.space()) })
    local head, body = said.out:match "^200\n(.-)\n\n(.*)$"
    assert.is_truthy(head:find "content%-type: application/json", said.out)
    assert.equal("My Company", core.json.decode(body).name)
  end)

  it("gets all pages as one list, each item as the server wrote it; with --raw one a line", function()
    local pages = {
      '{"next":"2","data":[{"z":1.0,"a":[]},{"z":2,"s":"]\\",{"}],"totalCount":3}', '{"data":[{"z":3}],"next":"3"}',
        '{"next":"3","data":[]}',
    }
    local env, seen = mirror(function(x, n) x:reply { headers = { ["Content-Type"] = "application/json" },
      body = pages[n] } end)
    env.AIRLOCK_URL = env.AIRLOCK_BASE_URL:gsub("/api/$", "")
    local said = command.run({ "request", "GET", "list", "--page-all", "--raw", "--query", "q=1", "-H", "X-One: 1" },
      { env = env })
    assert.equal(0, said.rc, said.err)
    assert.equal('{"z":1.0,"a":[]}\n{"z":2,"s":"]\\",{"}\n{"z":3}\n', said.out)
    assert.equal(3, #seen)
    assert.equal("1", seen[3].headers["x-one"])
    local space = stage.space()
    said = command.run({ "request", "GET", "projects", "--page-all", "--query", "$top=10" },
      { env = command.env(space) })
    local list = core.json.decode(said.out)
    assert.equal(25, #list)
    assert.equal("Project 25", list[25].name)
    assert.is_truthy(space:count "/api/http/projects" >= 3)
  end)

  it("leaves no half of a list in a file when a page fails, and tells the failure", function()
    local env = mirror(function(x, n)
      if n == 1 then return x:reply { body = '{"next":"1","data":[1]}' } end
      x:reply { status = 500, body = "{}" }
    end)
    env.AIRLOCK_URL = env.AIRLOCK_BASE_URL:gsub("/api/$", "")
    local home = command.home()
    local said = command.run({ "request", "GET", "list", "--page-all", "-o", home .. "/list" },
      { env = env, home = home })
    assert.equal(1, said.rc)
    assert.is_truthy(said.err:find("status 500", 1, true), said.err)
    assert.equal("config\nstate\n", stage.shell(("ls '%s'"):format(home)))
    assert.equal(2, command.run({ "request", "POST", "list", "--page-all" }, { env = env }).rc)
  end)
end)

describe("airlock request -o", function()
  after_each(stage.clear)

  local function slow()
    local begun = false
    local url = stage.server(function(x)
      if x.path == "/whole" then return x:reply { body = "new" } end
      begun = true
      x:reply { body = ("y"):rep(1e6), dribble = { bytes = 100, every = 0.05 } }
    end)
    return { AIRLOCK_BASE_URL = url .. "/", AIRLOCK_TOKEN = "t" }, function() return begun end
  end

  it("replaces a file when the body is whole, keeps its mode, and follows a link", function()
    local home, env = command.home(), slow()
    os.execute(("cd '%s' && printf old >file && chmod 640 file && ln -s file link"):format(home))
    local said = command.run({ "request", "GET", "whole", "-o", home .. "/link" }, { env = env, home = home })
    assert.equal(0, said.rc, said.err)
    assert.equal("new", stage.read(home .. "/file"))
    assert.equal("640 link",
      stage.shell(("cd '%s' && stat -c %%a file && find . -type l -name link -printf %%f"):format(home)):gsub("\n",
      " "))
    assert.equal(0, command.run({ "request", "GET", "whole", "-o", "/dev/null" }, { env = env }).rc)
    assert.equal("character special file\n", stage.shell "stat -c %F /dev/null")
    assert.equal("new", command.run({ "request", "GET", "whole", "-o", "-" }, { env = env }).out)
    assert.equal(5, command.run({ "request", "GET", "whole", "-o", home .. "/none/file" }, { env = env }).rc)
  end)

  it("leaves nothing behind after Ctrl-C, and ends with 130", function()
    local home, env, begun = command.home(), slow()
    os.execute(("printf old >'%s/file'"):format(home))
    local job = command.start({ "request", "GET", "slow", "-o", home .. "/file" },
      { env = env, home = home, shell = "exec AIRLOCK" })
    command.pass(begun)
    command.pass(function() return stage.shell(("ls '%s'"):format(home)):find("part", 1, true) end)
    os.execute(("kill -INT %d"):format(command.pid(job)))
    local said = command.wait(job)
    assert.equal(130, said.rc, said.err)
    assert.equal("", said.err)
    assert.equal("config\nfile\nstate\n", stage.shell(("ls '%s'"):format(home)))
    assert.equal("old", stage.read(home .. "/file"))
  end)
end)
