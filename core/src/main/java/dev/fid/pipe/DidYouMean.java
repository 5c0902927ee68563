package dev.fid.pipe;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// Finds the known word that a misspelt one was probably meant to be.
public final class DidYouMean {
  private DidYouMean() {}

  /// The nearest candidate, or nothing where all are too far away to be more than a guess.
  ///
  /// Upper case, lower case, `-` and `_` count as the same letters; beyond that a third of the
  /// word's letters may differ, and at least one.
  public static Optional<String> of(String word, Collection<String> candidates) {
    String folded = fold(word);
    int allowed = Math.max(1, word.length() / 3);
    return candidates.stream()
        .filter(candidate -> distance(folded, fold(candidate)) <= allowed)
        .min(Comparator.comparingInt(candidate -> distance(folded, fold(candidate))));
  }

  /// `: did you mean 'WORD'?`, or nothing.
  public static String hint(String word, Collection<String> candidates) {
    return of(word, candidates).map(found -> ": did you mean '" + found + "'?").orElse("");
  }

  private static String fold(String word) {
    return word.toLowerCase(Locale.ROOT).replace('-', '_');
  }

  /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
  static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = i == 0 ? j : j == 0 ? i : step(cost, a, b, i, j);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int step(int[][] cost, String a, String b, int i, int j) {
    int substitution = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int best =
        Math.min(Math.min(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + substitution);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
  }
}
