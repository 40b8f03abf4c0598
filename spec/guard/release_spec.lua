-- One version: what src/ground/version.h says is what changelog, rockspecs and man page say, and tools/release sees it.

local lfs = require "lfs"
local stage = require "spec.support.stage"

local load = loadstring or load
local months = { January = 1, February = 2, March = 3, April = 4, May = 5, June = 6, July = 7, August = 8,
  September = 9, October = 10, November = 11, December = 12 }

local function read(path) return assert(stage.read(path), path) end

local version = read "src/ground/version.h":match '#define AIRLOCK_VERSION "(%d+%.%d+%.%d+)"\n'
local released, date = read "CHANGELOG.md":match "\n## (%d+%.%d+%.%d+) %- (%d%d%d%d%-%d%d%-%d%d)\n"

-- A rockspec's globals.
local function rockspec(path)
  local values = {}
  local chunk
  if rawget(_G, "setfenv") then chunk = setfenv(assert(loadstring(read(path))), values)
  else chunk = assert(load(read(path), path, "t", values)) end
  chunk()
  return values
end

describe("a release", function()
  after_each(stage.clear)

  it("has the version of src/ground/version.h in the changelog, below Unreleased", function()
    local text = read "CHANGELOG.md"
    assert.equal(version, require("airlock").version)
    assert.equal(version, released)
    assert.is_true(text:find("\n## [Unreleased]\n", 1, true) < text:find("\n## " .. version, 1, true))
  end)

  it("has it in the man page, with the changelog's date", function()
    local page = read "share/man/airlock.1"
    local month, day, year = page:match "\n%.Dd (%a+) (%d+), (%d+)\n"
    assert.equal(date, ("%04d-%02d-%02d"):format(year, months[month], day))
    assert.equal(version, page:match "\n%.Os Airlock (%S+)\n")
  end)

  it("has it in one rockspec with a tagged source, which is the scm one otherwise", function()
    local names = {}
    for name in lfs.dir "rockspec" do
      if name:find "%.rockspec$" then names[#names + 1] = name end
    end
    table.sort(names)
    assert.same({ ("airlock-%s-1.rockspec"):format(version), "airlock-scm-1.rockspec" }, names)
    local numbered, scm = rockspec("rockspec/" .. names[1]), rockspec "rockspec/airlock-scm-1.rockspec"
    assert.same({ version .. "-1", "v" .. version, "scm-1" }, { numbered.version, numbered.source.tag, scm.version })
    numbered.version, numbered.source.tag = scm.version, nil
    assert.same(scm, numbered)
  end)

  describe("is checked by tools/release, which", function()
    local folder

    local function here(command)
      return stage.shell(("cd '%s' && { %s; } </dev/null 2>&1"):format(folder, command))
    end

    -- A repository with what the cheap checks read, and a makefile that makes `made` of the pages.
    local function repository(made)
      folder = stage.folder()
      stage.shell(("cp --parents -r tools/release rockspec share/man CHANGELOG.md src/ground/version.h '%s'")
        :format(folder))
      -- between releases Unreleased has news, which the next one takes along
      stage.write(folder .. "/CHANGELOG.md", (stage.read(folder .. "/CHANGELOG.md")
        :gsub("(\n## %[?Unreleased%]?\n).-(\n## )", "%1%2", 1)))
      stage.write(folder .. "/Makefile", ("reference pages conformance:\n\t@%s\n"):format(made or "true"))
      here "git init -q && git config user.name a && git config user.email a@example && git add -A && git commit -qm a"
    end

    local function holds()
      return here "tools/release --tested; echo \"status $?\""
    end

    local function checks(what, run)
      it(what, function()
        if stage.shell "command -v git >/dev/null && command -v luarocks || true" == "" then
          pending "git or luarocks isn't installed"
        end
        run()
      end)
    end

    checks("finds a whole one ready, and changes nothing", function()
      repository()
      local said = holds()
      assert.truthy(said:find(version .. " is ready", 1, true) and said:find "status 0\n$", said)
      assert.equal("", here "git status --porcelain; git tag")
    end)

    checks("asks for the suite", function()
      repository()
      local said = here "tools/release; echo \"status $?\""
      assert.truthy(said:find("  no  nobody answers for the suite", 1, true) and said:find "status 1\n$", said)
    end)

    checks("sees what doesn't hold", function()
      local commit = " && git commit -qam b"
      for what, command in pairs {
        ["the tree isn't clean"] = "echo >left-over",
        ["is tagged already"] = "git tag v" .. version,
        ["the changelog's newest version"] = ("sed -i 's/^## %s .*/## %s/' CHANGELOG.md"):format(version, version)
          .. commit,
        ["Unreleased isn't empty"] = "sed -i 's/^## .Unreleased.$/&\\n\\n- News/' CHANGELOG.md" .. commit,
        ["has another version or tag"] = "sed -i 's/tag = \"v.*\"/tag = \"v0.0.1\"/' rockspec/airlock-[0-9]*" .. commit,
        ["the man page has another version"] = "sed -i 's/^.Os .*/.Os Airlock 0.0.1/' share/man/airlock.1" .. commit,
        ["the man page's date"] = "sed -i 's/^.Dd .*/.Dd May 1, 2020/' share/man/airlock.1" .. commit,
        ["luarocks: "] = "sed -i 's/^package = .*//' rockspec/airlock-[0-9]*" .. commit,
      } do
        repository()
        here(command)
        local said = holds()
        assert.truthy(said:find("\n  no  [^\n]*" .. what:gsub("%p", "%%%0")) and said:find "status 1\n$", what .. "\n"
          .. said)
      end
      repository "echo >>share/man/airlock.1"
      local said = holds()
      assert.truthy(said:find("  no  made pages are stale", 1, true) and said:find "status 1\n$", said)
    end)
  end)
end)
