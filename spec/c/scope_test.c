/* scope: a set of words. */
#include "test.h"

#include "ground/limits.h"
#include "law/scope.h"

static bool sorts (const char *scope, const char *to) {
  al_buf out = AL_BUF(AL_MAX_SCOPE);
  bool ok = al_scope_sort(&out, scope, strlen(scope)) && strcmp(al_buf_text(&out), to) == 0;
  al_buf_dispose(&out);
  return ok;
}

static bool covers (const char *wide, const char *narrow) {
  return al_scope_covers(wide, strlen(wide), narrow, strlen(narrow));
}

static void sorting (void) {
  it("scope: sorted by bytes, each word once, one space between") {
    check(sorts("", "") && sorts("a", "a") && sorts("b a", "a b") && sorts("  b   a b a ", "a b"));
    check(sorts("ab a abc", "a ab abc") && sorts("a B", "B a") && sorts("   ", ""));
  }
  it("scope: sorted behind what is there already") {
    al_buf out = AL_BUF(64);
    check(al_buf_adds(&out, "a") && al_scope_sort(&out, "b a", 3) && strcmp(al_buf_text(&out), "aa b") == 0);
    al_buf_dispose(&out);
  }
  it("scope: one that finds no room says so") {
    al_buf out = AL_BUF(4);
    check(!al_scope_sort(&out, "aaa bbb", 7));
    al_buf_dispose(&out);
  }
}

static void sets (void) {
  it("scope: covers what has no other words, and no part of a word") {
    check(covers("a b c", "c a") && covers("a", "a a") && covers("", "") && covers("a", ""));
    check(!covers("a b", "a c") && !covers("ab", "a") && !covers("a", "ab") && !covers("", "a"));
  }
  it("scope: joined, both as they stand, each word once") {
    al_buf out = AL_BUF(64);
    check(al_scope_join(&out, "b a b", 5, " c  a", 5) && strcmp(al_buf_text(&out), "b a c") == 0);
    al_buf_dispose(&out);
    check(al_scope_join(&out, "", 0, "x", 1) && strcmp(al_buf_text(&out), "x") == 0);
    al_buf_dispose(&out);
  }
  it("scope: counted in words") {
    check(al_scope_words("", 0) == 0 && al_scope_words(" a  b ", 6) == 2);
  }
}

int main (void) {
  sorting();
  sets();
  return test_over();
}
