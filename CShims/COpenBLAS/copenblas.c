#define _GNU_SOURCE /* RTLD_DEEPBIND, dladdr */
#include "copenblas.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static double (*ddot)(int, const double *, int, const double *, int);
static void (*daxpy)(int, double, const double *, int, double *, int);
static double (*dnrm2)(int, const double *, int);
static void (*dscal)(int, double, double *, int);
static void (*set_num_threads)(int);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool loaded;
static char error[512];
static char library_path[4096];

/* A function of the library, stored through a pointer to the function pointer: C has no cast from data to function pointers,
 * POSIX promises that dlsym's result can be copied so. */
static bool find(void *library, const char *name, void *function) {
  void *symbol = dlsym(library, name);
  if (!symbol) {
    snprintf(error, sizeof error, "%s has no function %s; install libopenblas0 (apt-get install libopenblas-dev)", library_path, name);
    return false;
  }
  memcpy(function, &symbol, sizeof symbol);
  return true;
}

static void open_once(void) {
  static const char *const names[] = {"libopenblas.so.0", "libopenblas.so", "libopenblasp.so.0"};
  void *library = NULL;
  /* libopenblas64 is not tried: its integers are 64 bits wide. */
  for (size_t i = 0; i < sizeof names / sizeof *names && !library; i++) library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
  if (!library) {
    snprintf(error, sizeof error, "OpenBLAS was not found (%s); install it with: apt-get install libopenblas-dev", dlerror());
    return;
  }
  void *symbol = dlsym(library, "cblas_ddot");
  Dl_info info;
  if (symbol && dladdr(symbol, &info) && info.dli_fname) snprintf(library_path, sizeof library_path, "%s", info.dli_fname);
  loaded = find(library, "cblas_ddot", &ddot) && find(library, "cblas_daxpy", &daxpy) && find(library, "cblas_dnrm2", &dnrm2) &&
           find(library, "cblas_dscal", &dscal) && find(library, "openblas_set_num_threads", &set_num_threads);
  if (loaded) set_num_threads(1);
}

int co_load(void) {
  pthread_once(&once, open_once);
  return loaded ? 0 : 1;
}

const char *co_last_error(void) { return error; }
const char *co_library_path(void) { return loaded ? library_path : ""; }
void co_set_num_threads(int threads) { set_num_threads(threads < 1 ? 1 : threads); }

double co_ddot(int n, const double *x, const double *y) { return ddot(n, x, 1, y, 1); }
void co_daxpy(int n, double alpha, const double *x, double *y) { daxpy(n, alpha, x, 1, y, 1); }
double co_dnrm2(int n, const double *x) { return dnrm2(n, x, 1); }
void co_dscal(int n, double alpha, double *x) { dscal(n, alpha, x, 1); }
