// GFLOP/s of a CBLAS library at the shapes of scripts/bench/gemm.mjs, float32 and float64, as JSON. Each figure is the median of
// repeated trials. Compile with -lopenblas or -lblis.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

// The part of the CBLAS interface that is used; the values are those of the standard.
enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111, TRANSPOSE = 112 };
void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb,
                 float beta, float* c, int ldc);
void cblas_dgemm(int order, int ta, int tb, int m, int n, int k, double alpha, const double* a, int lda, const double* b,
                 int ldb, double beta, double* c, int ldc);

enum { TRIALS = 15 };

static const struct {
  int m, n, k, transpose_a, transpose_b;
} shapes[] = {{100, 50, 784, 0, 1},  {50, 784, 100, 1, 0},  {100, 10, 50, 0, 1},   {5000, 50, 784, 0, 1},
              {256, 256, 784, 0, 1}, {512, 512, 512, 0, 1}, {1024, 1024, 1024, 0, 1}};

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void* a, const void* b) {
  double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

int main(void) {
  printf("{");
  for (int is_double = 0; is_double < 2; ++is_double) {
    printf("%s\"%s\": {", is_double ? ", " : "", is_double ? "float64" : "float32");
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; ++s) {
      const int m = shapes[s].m, n = shapes[s].n, k = shapes[s].k;
      const int ta = shapes[s].transpose_a, tb = shapes[s].transpose_b;
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
      double times[TRIALS];
      for (int trial = -1; trial < TRIALS; ++trial) {
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
      qsort(times, TRIALS, sizeof *times, ascending);
      printf("%s\"%d x %d x %d\": %.2f", s ? ", " : "", m, n, k, flop / times[TRIALS / 2] / 1e9);
      free(a);
      free(b);
      free(c);
    }
    printf("}");
  }
  printf("}\n");
  return 0;
}
