#include "ground/near.h"

#include <string.h>

#include "ground/limits.h"

static int least_of (int a, int b, int c) {
  int ab = a < b ? a : b;
  return ab < c ? ab : c;
}

/* One row of the table that tells of the first i letters of a and each beginning of b. */
static void next_row (int rows[3][AL_MAX_NEAR + 1], size_t i, const char *a, const char *b, size_t b_n) {
  int *before = rows[(i + 1) % 3], *last = rows[(i + 2) % 3], *row = rows[i % 3];
  row[0] = (int)i;
  for (size_t j = 1; j <= b_n; j++) {
    int other = a[i - 1] != b[j - 1];
    row[j] = least_of(last[j] + 1, row[j - 1] + 1, last[j - 1] + other);
    if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
      row[j] = least_of(row[j], before[j - 2] + 1, row[j]);
  }
}

int al_near_distance (const char *a, size_t a_n, const char *b, size_t b_n) {
  int rows[3][AL_MAX_NEAR + 1];
  if (a_n > AL_MAX_NEAR || b_n > AL_MAX_NEAR) return AL_MAX_NEAR + 1;
  for (size_t j = 0; j <= b_n; j++) rows[0][j] = (int)j;
  for (size_t i = 1; i <= a_n; i++) next_row(rows, i, a, b, b_n);
  return rows[a_n % 3][b_n];
}

/* A slip in every third letter is as much as is believed. */
al_near al_near_to (const char *word, size_t n) {
  return (al_near){ .word = word, .n = n, .least = (int)(n < AL_MAX_NEAR ? (n + 1) / 3 : 0) + 1 };
}

void al_near_try (al_near *near, const char *name, size_t n) {
  int distance = al_near_distance(near->word, near->n, name, n);
  if (distance > near->least || (distance == near->least && near->found == NULL)) return;
  near->found = distance < near->least ? name : NULL;
  near->least = distance;
}
