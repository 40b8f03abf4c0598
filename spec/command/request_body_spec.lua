-- airlock request: methods left out, JSON that is checked, forms with files.

local command = require "spec.support.command"
local form_data = require "spec.support.form_data"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

describe("airlock request", function()
  after_each(stage.clear)

  local env, seen

  before_each(function()
    seen = {}
    local url = stage.server(function(x)
      seen[#seen + 1] = { method = x.method, path = x.path, headers = x.headers, body = x.body }
      x:reply { body = "1" }
    end)
    env = { AIRLOCK_BASE_URL = url .. "/api/", AIRLOCK_CLIENT_ID = "porter", AIRLOCK_TOKEN = "canary-token" }
  end)

  local function run(words, options)
    options = options or {}
    options.env = env
    return command.run({ "request", (table.unpack or unpack)(words) }, options) -- luacheck: ignore 143
  end

  local function good(words, options)
    local said = run(words, options)
    assert.equal(0, said.rc, said.err)
    return seen[#seen]
  end

  local function refused(words, text, options)
    local said, before = run(words, options), #seen
    assert.equal(2, said.rc, said.err)
    assert.truthy(said.err:find(text, 1, true), said.err)
    assert.equal("", said.out)
    assert.equal(before, #seen)
  end

  it("without a method is a GET, or a POST with a body", function()
    assert.same({ "GET", "/api/projects" }, { good({ "projects" }).method, seen[1].path })
    assert.equal("GET", good({ "--query", "a=1", "projects" }).method)
    assert.equal("POST", good({ "projects", "--json", "{}" }).method)
    assert.equal("PATCH", good({ "patch", "projects", "--json", "{}" }).method)
    assert.equal("/api/get", good({ "get" }).path)
    refused({ "PUT" }, "missing argument 'path'")
    refused({}, "argument 'path'")
    refused({ "GET", "a", "b" }, "too many arguments")
    local help = command.run({ "request", "--help" }).out
    assert.truthy(help:find("Usage: airlock request [OPTIONS] [METHOD] PATH", 1, true), help)
  end)

  it("sends JSON as it was written, and none that isn't", function()
    local text = ' {"b": 1.50, "a": [ ], "n": 12345678901234567890}\n'
    assert.equal(text, good({ "x", "--json", text }).body)
    assert.equal("null", good({ "x", "--json", "null" }).body)
    assert.equal("false", good({ "x", "--json", "\239\187\191false" }).body)
    assert.equal("[1]", good({ "x", "--json", "@-" }, { stdin = "[1]" }).body)
    refused({ "x", "--json", '{"a": tru}' }, "what --json was given isn't JSON: in line 1, column 7 it ")
    refused({ "x", "--json", "" }, "isn't JSON: in line 1, column 1 it ")
    refused({ "x", "--json", "{} {}" }, "in line 1, column 4 it ")
    local path = stage.file '{\n  "a": 1,\n  "b": [1,]\n}\n'
    refused({ "x", "--json", "@" .. path }, ("in '%s' isn't JSON: in line 3, column 11 it "):format(path))
    refused({ "x", "--json", "@-" }, "line 2, column 1", { stdin = "[1,\n" })
    refused({ "x", "--json", "@/no/such/file" }, "/no/such/file")
    refused({ "x", "--json", "@/" }, "can't be read")
  end)

  it("sends JSON of any size, checked", function()
    local path = stage.file("[" .. ("1,"):rep(1500000) .. "1]")
    assert.equal(3000003, #good({ "x", "--json", "@" .. path }).body)
    stage.write(path, "[" .. ("1,"):rep(1500000) .. "]")
    refused({ "x", "--json", "@" .. path }, "in line 1, column 3000002 it ")
  end)

  it("makes a form of several parts with --file", function()
    local one, two = stage.file("\0\1binary\255", 'a "b".png'), stage.file("text", "two;x")
    local request = good({ "--form", "title=The = door", "--file", "file=@" .. one .. ";type=image/png", "--file",
      "file=@" .. two .. ";filename=c.txt;type=text/plain", "--form", "title=again", "--file", "last=" .. two,
      "uploads" })
    assert.equal("POST", request.method)
    assert.same({
      { name = "title", body = "The = door" }, { name = "title", body = "again" },
      { name = "file", filename = 'a "b".png', type = "image/png", body = "\0\1binary\255" },
      { name = "file", filename = "c.txt", type = "text/plain", body = "text" },
      { name = "last", filename = "two;x", type = "application/octet-stream", body = "text" },
    }, form_data.read(request))
    assert.equal(tostring(#request.body), request.headers["content-length"])
  end)

  it("takes a file of a form from standard input", function()
    local request = good({ "PUT", "x", "--file", "f=@-;filename=in.txt" }, { shell = "printf typed | AIRLOCK" })
    assert.same({ { name = "f", filename = "in.txt", type = "application/octet-stream", body = "typed" } },
      form_data.read(request))
    assert.equal("PUT", request.method)
  end)

  it("refuses forms that can't be, and sends nothing", function()
    refused({ "x", "--file", "novalue" }, "--file takes FIELD=@PATH, not 'novalue'")
    refused({ "x", "--file", "f=@/no/such/file" }, "the file of the field 'f' can't be read: /no/such/file")
    refused({ "x", "--file", "f=@/" }, "can't be read")
    refused({ "x", "--file", "f=@/dev/null", "--form", "novalue" }, "--form takes NAME=VALUE")
    refused({ "x", "--file", "f=@/dev/null", "--json", "{}" }, "can't stand beside each other")
    refused({ "x", "--file", "f=@/dev/null;type=png" }, "media type")
    refused({ "x", "--file", "f=@/dev/null", "-H", "Content-Type: multipart/form-data" }, "Content-Type")
    refused({ "x", "--file", "f=@/dev/null", "--page-all" }, "--page-all goes with GET")
  end)

  it("sends a large file with its length, again after a 401", function()
    local tokens, got = 0, {}
    local url = stage.server(function(x)
      if x.path == "/token" then
        tokens = tokens + 1
        return x:reply { body = stage.token { access_token = "canary-t" .. tokens, token_type = "Bearer" } }
      end
      got[#got + 1] = { #x.body, x.headers["content-length"] }
      x:reply { status = x.headers.authorization == "Bearer canary-t1" and 401 or 200, body = "1" }
    end)
    local size = 3 * 1024 * 1024 + 5
    local path = stage.file(("z"):rep(size))
    local home = command.home()
    command.configure(home, ([[return { default = { token_endpoint = "%s/token", base_url = "%s/", client_id = "porter",
      client_secret = { env = "MY_SECRET" } } }]]):format(url, url))
    local said = command.run({ "request", "PUT", "x", "-d", "@" .. path }, { home = home,
      env = { MY_SECRET = "canary-s" } })
    assert.equal(0, said.rc, said.err)
    assert.same({ { size, tostring(size) }, { size, tostring(size) } }, got)
    assert.equal(2, tokens)
    assert.is_nil((said.out .. said.err):find("canary", 1, true))
  end)

  it("says what was meant by a mistyped command, option, profile or option of a profile", function()
    local function meant(name, words, home)
      local said = command.run(words, { env = env, home = home })
      assert.equal(2, said.rc, said.err)
      assert.truthy(said.err:find(("; did you mean '%s'?"):format(name), 1, true), said.err)
      assert.is_nil(said.err:find("Did you mean", 1, true), said.err)
    end
    meant("token", { "toekn" })
    meant("request", { "requets", "x" })
    meant("--header", { "request", "x", "--haeder", "a: b" })
    meant("--client-id", { "token", "--clientid", "x" })
    local home = command.home()
    command.configure(home, [[return { work = { client_di = "x" } }]])
    meant("work", { "token", "-p", "wrok" }, home)
    meant("client_id", { "token", "-p", "work" }, home)
  end)
end)
