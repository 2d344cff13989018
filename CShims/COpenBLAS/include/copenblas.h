/* The few BLAS routines Attune calls itself, over an OpenBLAS found at run time.
 *
 * OpenBLAS and libtorch both export sgemm_ and its siblings. Linking OpenBLAS would let the loader bind libtorch's calls
 * to it; so it is opened with RTLD_LOCAL | RTLD_DEEPBIND and reached through function pointers only, and nothing of it
 * enters the process's global symbol scope.
 *
 * co_load must have returned 0 before any other function is called; it may be called from any thread, any number of times.
 * Vectors have stride 1. Arguments are borrowed; nothing is allocated for the caller. */
#ifndef COPENBLAS_H
#define COPENBLAS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Opens OpenBLAS once and limits it to one thread. 0 on success; else nonzero, and co_last_error says what is missing. */
int co_load(void);

/* Why co_load failed, for instance that the library was not found and which package has it. Lives as long as the process. */
const char *co_last_error(void);

/* The path of the library in use, or "" before co_load succeeded. */
const char *co_library_path(void);

/* How many threads OpenBLAS uses for one call; at least 1. */
void co_set_num_threads(int threads);

/* sum of x[i] * y[i], i in 0..<n */
double co_ddot(int n, const double *x, const double *y);

/* y[i] += alpha * x[i] */
void co_daxpy(int n, double alpha, const double *x, double *y);

/* Euclidean norm of x, without overflow. */
double co_dnrm2(int n, const double *x);

/* x[i] *= alpha */
void co_dscal(int n, double alpha, double *x);

#ifdef __cplusplus
}
#endif

#endif
