/* blas_room.h: address space that BLAS will take, asked for before it is. */
#ifndef SY_FIT_LOGISTIC_BLAS_ROOM_H
#define SY_FIT_LOGISTIC_BLAS_ROOM_H

#include <steelyard/base.h>

/* Fails where address space is limited and too little is left for all threads to call BLAS. */
sy_status sy_blas_room(sy_error *error);

#endif
