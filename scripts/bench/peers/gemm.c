// GFLOP/s of a CBLAS library, float32 and float64, as JSON: gemm TRIALS M,N,K,TRANSPOSE_A,TRANSPOSE_B...
// Each figure is the median of the trials, before which one does not count; a trial repeats the product until it has computed
// for about 10 ms at 100 GFLOP/s. Compile with -lopenblas or -lblis.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// The part of the CBLAS interface that is used; the values are those of the standard.
enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111, TRANSPOSE = 112 };
void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc);
void cblas_dgemm(int order, int ta, int tb, int m, int n, int k, double alpha, const double* a, int lda, const double* b,
                 int ldb, double beta, double* c, int ldc);

enum { MOST_TRIALS = 100 };

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

int main(int argc, char** argv) {
  const int trials = argc > 1 ? atoi(argv[1]) : 0;
  if (trials < 1 || trials > MOST_TRIALS) return 2;
  printf("{");
  for (int is_double = 0; is_double < 2; ++is_double) {
    printf("%s\"%s\": {", is_double ? ", " : "", is_double ? "float64" : "float32");
    for (int s = 2; s < argc; ++s) {
      int m, n, k, ta, tb;
      if (sscanf(argv[s], "%d,%d,%d,%d,%d", &m, &n, &k, &ta, &tb) != 5) return 2;
      const size_t element = is_double ? sizeof(double) : sizeof(float);
      void* a = malloc((size_t)m * k * element);
      void* b = malloc((size_t)k * n * element);
      void* c = calloc((size_t)m * n, element);
      if (!a || !b || !c) return 1;
      for (size_t i = 0; i < (size_t)m * k; ++i) {
        if (is_double) ((double*)a)[i] = rand() / (double)RAND_MAX; else ((float*)a)[i] = rand() / (float)RAND_MAX;
      }
      for (size_t i = 0; i < (size_t)k * n; ++i) {
        if (is_double) ((double*)b)[i] = rand() / (double)RAND_MAX; else ((float*)b)[i] = rand() / (float)RAND_MAX;
      }
      const double flop = 2.0 * m * n * k;
      const int repeat = flop > 1e9 ? 1 : (int)(1e9 / flop);
      double times[MOST_TRIALS];
      for (int trial = -1; trial < trials; ++trial) {
        double start = seconds();
        for (int r = 0; r < repeat; ++r) {
          const int at = ta ? TRANSPOSE : NO_TRANSPOSE, bt = tb ? TRANSPOSE : NO_TRANSPOSE;
          if (is_double) {
            cblas_dgemm(ROW_MAJOR, at, bt, m, n, k, 1, a, ta ? m : k, b, tb ? k : n, 0, c, n);
          } else {
            cblas_sgemm(ROW_MAJOR, at, bt, m, n, k, 1, a, ta ? m : k, b, tb ? k : n, 0, c, n);
          }
        }
        if (trial >= 0) times[trial] = (seconds() - start) / repeat;
      }
      qsort(times, (size_t)trials, sizeof *times, ascending);
      printf("%s\"%d x %d x %d\": %.2f", s > 2 ? ", " : "", m, n, k, flop / times[trials / 2] / 1e9);
      free(a);
      free(b);
      free(c);
    }
    printf("}");
  }
  printf("}\n");
  return 0;
}
